import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRuntime, type Runtime } from '../runtime.ts';
import { alice, initialize, rpc } from '../testing/harness.ts';

let folder: string;
let path: string;
let runtime: Runtime;
const agent = new Agent({ keepAlive: true });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-'));
  path = join(folder, 'http.sock');
  runtime = createRuntime();
  await runtime.listenHttp(path);
});
afterEach(async () => {
  await runtime.close({ drainMs: 1 });
  await rm(folder, { recursive: true, force: true });
});

interface Sent {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string;
}

function send({ method = 'POST', url = '/mcp', headers = {}, body = '' }: Sent) {
  return new Promise<{ status: number | undefined; headers: object; body: string }>((resolve, reject) => {
    const outgoing = request({ socketPath: path, agent, method, path: url, headers }, (incoming) => {
      text(incoming).then(
        (received) => resolve({ status: incoming.statusCode, headers: incoming.headers, body: received }),
        reject,
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

const json = { accept: 'application/json' };
const byAlice = { 'x-contextforge-auth-context': alice.encoded };

async function openSession(headers: Record<string, string> = {}): Promise<string> {
  const answer = await send({ headers: { ...json, ...headers }, body: JSON.stringify(initialize()) });
  const id = Object.entries(answer.headers).find(([name]) => name === 'mcp-session-id')?.[1];
  if (typeof id !== 'string') throw new Error(`no session: ${answer.status} ${answer.body}`);
  return id;
}

describe('the HTTP socket', () => {
  it('is accessible only to its owner', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('reports the health of the runtime', async () => {
    const { status, body } = await send({ method: 'GET', url: '/health' });
    expect([status, JSON.parse(body)]).toMatchObject([
      200,
      { status: 'ok', capabilities: ['stream-head', 'stream-post', 'resume', 'mcp-2026-07-28'] },
    ]);
  });

  it('reads the caller and the scope from internal fields', async () => {
    const scope = { 'x-contextforge-server-id': 's%C3%A9' };
    const session = { 'mcp-session-id': await openSession({ ...byAlice, ...scope }), ...json };
    const ping = JSON.stringify(rpc(1, 'ping'));
    const statusWith = async (headers: Record<string, string>) =>
      (await send({ headers, body: ping })).status;
    expect(await statusWith({ ...session, ...byAlice, ...scope })).toBe(200);
    expect(await statusWith({ ...session, ...byAlice })).toBe(403);
    expect(await statusWith({ ...session, ...scope })).toBe(403);
    const past = { 'x-contextforge-auth-expires-at': '1' };
    expect(await statusWith({ ...session, ...byAlice, ...scope, ...past })).toBe(401);
  });

  it.each([
    [{ 'x-contextforge-server-id': '%' }, 400],
    [{ ...byAlice, 'x-contextforge-auth-expires-at': '-1' }, 400],
    [{ 'x-contextforge-auth-context': '!' }, 401],
    [{ 'mcp-session-id': ['a', 'b'] }, 400],
    [{ 'x-contextforge-server-id': ['a', 'a'] }, 400],
    [{ 'x-contextforge-affinity-forwarded': 'false' }, 400],
    [{ 'x-a': '\u00e9' }, 400],
  ])('refuses %j with %d and a JSON-RPC error', async (headers, status) => {
    const answer = await send({ headers: { ...json, ...headers }, body: JSON.stringify(rpc(1, 'ping')) });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { jsonrpc: '2.0', error: {} }]);
  });

  it('answers bytes that are not a request with 400, and closes the connection', async () => {
    const socket = connect(path);
    socket.end('GET /health HTTP/1.1\r\nhost: a\r\nx : y\r\n\r\n');
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*\r\ncontent-length: 0\r\nconnection: close\r\n\r\n$/,
    );
  });

  it.each(['FOO', 'post', 'CONNECT', 'X!~'])('answers 405 to the method %s', async (method) => {
    const socket = connect(path);
    socket.end(`${method} /mcp HTTP/1.1\r\nhost: a\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 405 [\s\S]*\r\nconnection: close\r\n\r\n$/);
  });

  const emptyCall = (padding: string) =>
    `POST /mcp HTTP/1.1\r\nhost: a\r\ncontent-length: ${padding.length + 2}\r\n\r\n{}${padding}`;

  it.each([
    [405, 'FOO /mcp HTTP/1.1\r\nhost: a\r\n\r\n'],
    [405, 'PO /mcp HTTP/1.1\r\nhost: a\r\n\r\n'],
    [405, 'POSTS /mcp HTTP/1.1\r\nhost: a\r\n\r\n'],
    [405, 'GET_ /mcp HTTP/1.1\r\nhost: a\r\n\r\n'],
    [405, 'X!~ /mcp HTTP/1.1\r\nhost: a\r\n\r\n'],
    [405, 'DESCRIBE /mcp HTTP/1.1\r\nhost: a\r\n\r\n'],
    [405, 'CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\nabc'],
    [400, ' /mcp HTTP/1.1\r\nhost: a\r\n\r\n'],
    [400, 'GET /mcp HTTQ/1.1\r\nhost: a\r\n\r\n'],
    [400, 'FOO /mcp\r\nhost: a\r\n\r\n'],
    [400, 'GET /mcp HTTP/1.1\r\nhost: a\r\nx : y\r\n\r\n'],
    [400, 'GET /mcp HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    [400, 'POST /mcp HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nz\r\n'],
  ])('answers %d to %j alone, and after the answers to the requests before it', async (status, last) => {
    const statusesOf = async (sent: string) => {
      const socket = connect(path);
      socket.write(sent);
      return (await text(socket)).match(/(?<=^|\n|\})HTTP\/1\.1 \d+/g)?.map((line) => Number(line.slice(-3)));
    };
    expect(await statusesOf(last)).toEqual([status]);
    const health = 'GET /health HTTP/1.1\r\nhost: a\r\n\r\n';
    expect(await statusesOf(`${health}${last}`)).toEqual([200, status]);
    expect(await statusesOf(`${emptyCall('')}${health}${emptyCall('\r\n')}${last}`)).toEqual([
      400,
      200,
      400,
      status,
    ]);
  });

  it('ends with the answer to the last request, even if other bytes follow', async () => {
    const socket = connect(path);
    socket.write(`${emptyCall('').replace('\r\n', '\r\nconnection: close\r\n')}FOO`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 (?![\s\S]*HTTP\/1\.1)[\s\S]*"jsonrpc"/);
  });

  it('refuses unknown transfer codings, and does not read the bytes behind them as a request', async () => {
    const socket = connect(path);
    const health = 'GET /health HTTP/1.1\r\nhost: a\r\n';
    socket.end(`${health}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n${health}\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 (?![\s\S]*HTTP\/1\.1)/);
    const headers = { ...json, 'transfer-encoding': 'Chunked' };
    expect((await send({ headers, body: JSON.stringify(initialize()) })).status).toBe(200);
  });

  it('reads header fields up to the limit of a message', async () => {
    const headers = { ...json, 'x-large': 'a'.repeat(900_000) };
    expect((await send({ headers, body: JSON.stringify(initialize()) })).status).toBe(200);
  });

  it('accepts every expiry of 64 bits', async () => {
    const statusAt = async (expiry: string) => {
      const headers = { ...json, ...byAlice, 'x-contextforge-auth-expires-at': expiry };
      return (await send({ headers, body: JSON.stringify(initialize()) })).status;
    };
    expect(await statusAt('18446744073709551615')).toBe(200);
    expect(await statusAt('18446744073709551616')).toBe(400);
  });

  it('serves only the endpoint', async () => {
    expect((await send({ url: '/other', body: '{}' })).status).toBe(404);
    expect((await send({ url: '/_internal/mcp', body: '{}' })).status).toBe(404);
    expect((await send({ method: 'PUT' })).status).toBe(405);
  });

  it('refuses a stream with a complete response that contains the reason', async () => {
    const answer = await send({ headers: { accept: 'text/event-stream' }, body: '[]' });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { error: { code: -32600 } }]);
  });

  it('disappears with its streams when the runtime is closed', async () => {
    const session = { 'mcp-session-id': await openSession() };
    const outgoing = request({
      socketPath: path,
      agent,
      method: 'GET',
      path: '/mcp',
      headers: session,
    }).end();
    const [stream]: IncomingMessage[] = await once(outgoing, 'response');
    await runtime.close({ drainMs: 1 });
    expect(stream?.statusCode).toBe(200);
    if (stream !== undefined) await text(stream);
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await expect(send({ method: 'GET', url: '/health' })).rejects.toThrow('ENOENT');
  });
});
