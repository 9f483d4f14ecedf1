import { once } from 'node:events';
import { createServer, type Http2Server, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import { expect, onTestFinished, test } from 'vitest';
import { maxCancelled } from '../../../base/connection-limits.ts';
import { GrpcTransport } from './grpc-transport.ts';
import type { Receiver } from './transport.ts';

const ignored: Receiver = { head: () => undefined, data: () => undefined, end: () => undefined };

/** Serves calls without an answer. */
async function serve(): Promise<Http2Server & { readonly sessions: ReadonlySet<Http2Session> }> {
  const sessions = new Set<Http2Session>();
  const server = createServer();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream: ServerHttp2Stream) => stream.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return Object.assign(server, { sessions });
}

/** Opens a transport with one connection, whose signal is aborted afterwards. */
async function open(server: Http2Server): Promise<GrpcTransport> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const opening = new AbortController();
  const place = { kind: 'tcp', host: '127.0.0.1', port: address.port } as const;
  const options = { address: place, deadlineMs: 5_000, signal: opening.signal };
  const transport = await GrpcTransport.open(options, 1);
  opening.abort();
  onTestFinished(() => transport.close());
  return transport;
}

/** Starts a call. @returns a function that cancels it */
function call(transport: GrpcTransport): () => void {
  return transport.send(transport.prepare('Invoke', {}), 0, ignored);
}

function cancelMany(transport: GrpcTransport): void {
  for (let count = 0; count < maxCancelled; count += 1) call(transport)();
}

test('a connection with many cancelled calls is replaced, and closed after its last call', async () => {
  const server = await serve();
  const transport = await open(server);
  cancelMany(transport);
  const opened = once(server, 'session');
  const cancels = [call(transport)];
  await opened;
  await expect
    .poll(async () => {
      const stream = once(server, 'stream');
      cancels.push(call(transport));
      const [{ session }] = await stream;
      return [...server.sessions].indexOf(session);
    })
    .toBe(1);
  expect(server.sessions.size).toBe(2);
  for (const cancel of cancels) cancel();
  await expect.poll(() => server.sessions.size).toBe(1);
});

test('a transport that closes during a replacement leaves no connection', async () => {
  const server = await serve();
  const transport = await open(server);
  cancelMany(transport);
  call(transport);
  transport.close();
  await expect.poll(() => server.sessions.size).toBe(0);
  server.close();
  await once(server, 'close');
});
