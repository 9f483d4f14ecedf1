import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
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
    [{ 'mcp-session-id': ['a', 'b'] }, 404],
    [{ 'x-a': '\u00e9' }, 400],
  ])('refuses %j with %d and a JSON-RPC error', async (headers, status) => {
    const answer = await send({ headers: { ...json, ...headers }, body: JSON.stringify(rpc(1, 'ping')) });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([status, { jsonrpc: '2.0', error: {} }]);
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
