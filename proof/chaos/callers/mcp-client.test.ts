import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { McpClient } from './mcp-client.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(listener: RequestListener): Promise<McpClient> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return new McpClient({ url: new URL(`http://127.0.0.1:${port}/mcp`), token: 'token' });
}

const never = new AbortController().signal;

test('an answer is returned with its status, and the request has the token and the session', async () => {
  using client = await serve((incoming, outgoing) => {
    const { authorization, 'mcp-session-id': session } = incoming.headers;
    outgoing.writeHead(503).end(`${authorization} ${session}`);
  });
  const reply = await client.call('1', 'tool', {}, { session: 's' });
  expect(reply).toMatchObject({ kind: 'answer', status: 503, body: 'Bearer token s' });
});

test('a session is acknowledged by status 200 with an id', async () => {
  let status = 200;
  using client = await serve((_, outgoing) => {
    outgoing.writeHead(status, { 'mcp-session-id': 'abc' }).end('{}');
  });
  expect((await client.open()).session).toBe('abc');
  status = 502;
  expect((await client.open()).session).toBeUndefined();
});

test('a connection that breaks before or during the answer is a reply', async () => {
  let hasHead = false;
  using client = await serve((_, outgoing) => {
    if (hasHead) outgoing.write('half', () => outgoing.destroy());
    else outgoing.destroy();
  });
  expect(await client.close('s')).toEqual({ kind: 'broken', code: 'ECONNRESET' });
  hasHead = true;
  expect(await client.close('s')).toEqual({ kind: 'broken', code: 'ECONNRESET' });
});

test('a refused connection is a reply', async () => {
  using client = await serve(() => undefined);
  server?.close();
  await once(server as Server, 'close');
  expect(await client.close('s')).toEqual({ kind: 'broken', code: 'ECONNREFUSED' });
});

test('a request without an answer is late when its signal aborts', async () => {
  const limit = new AbortController();
  using client = await serve(() => limit.abort());
  expect(await client.call('1', 'tool', {}, { signal: limit.signal })).toEqual({ kind: 'late' });
});

test('a live stream yields its messages, and keeps the id after which it continues', async () => {
  using client = await serve((incoming, outgoing) => {
    const after = incoming.headers['last-event-id'] ?? 'none';
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.end(`id: 1\ndata:\n\nid: 2\ndata: after ${after}\n\n`);
  });
  const stream = await client.live('s', '7', never);
  if (stream.kind !== 'live') throw new Error(`the stream was refused: ${JSON.stringify(stream)}`);
  const messages: string[] = [];
  for await (const message of stream.messages) messages.push(message);
  expect(messages).toEqual(['after 7']);
  expect(stream.lastEventId).toBe('2');
});

test('a refused live stream is a reply', async () => {
  using client = await serve((_, outgoing) => outgoing.writeHead(409).end());
  expect(await client.live('s', undefined, never)).toMatchObject({ kind: 'answer', status: 409 });
});
