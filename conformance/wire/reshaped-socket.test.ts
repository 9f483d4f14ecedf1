import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createConnection, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Connection } from './connection.ts';
import { type FrameForms, FrameSplitter } from './reshaped-socket.ts';
import { beginResponse } from './serve-call.ts';
import { WireLog } from './wire-log.ts';

const disposals: (() => void)[] = [];
afterEach(() => {
  for (const dispose of disposals.splice(0)) dispose();
});

/**
 * Makes a call on a connection with these forms of frames. Returns the frames of the client and what the server saw.
 */
async function call(frames: FrameForms) {
  const sent: { type: number; flags: number }[] = [];
  const seen: { headers?: IncomingHttpHeaders; body: string; trailers?: IncomingHttpHeaders } = { body: '' };
  const http2 = createServer();
  http2.on('stream', (stream: ServerHttp2Stream, headers) => {
    seen.headers = headers;
    stream.on('data', (bytes: Buffer) => {
      seen.body += bytes.toString();
    });
    stream.on('trailers', (trailers) => {
      seen.trailers = trailers;
    });
    stream.on('end', () => {
      beginResponse(stream);
      stream.end();
    });
  });
  const folder = await mkdtemp(join(tmpdir(), 'reshaped-'));
  const [inner, path] = [join(folder, 'inner.sock'), join(folder, 'relay.sock')];
  // A relay sees the frames. The HTTP/2 server reads its sockets itself.
  const relay = createNetServer((client) => {
    const server = createConnection(inner);
    const splitter = new FrameSplitter();
    let isFirst = true;
    client.on('data', (bytes: Buffer) => {
      for (const frame of splitter.push(bytes)) {
        if (!isFirst) sent.push({ type: frame.readUInt8(3), flags: frame.readUInt8(4) });
        isFirst = false;
      }
    });
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.pipe(server).pipe(client);
  });
  await once(http2.listen(inner), 'listening');
  await once(relay.listen(path), 'listening');
  disposals.push(
    () => relay.close(),
    () => http2.close(),
    () => rmSync(folder, { recursive: true }),
  );
  const options = { name: 'main', log: new WireLog(), signal: AbortSignal.timeout(10_000), frames };
  using connection = await Connection.open({ ...options, address: { kind: 'unix', path } });
  expect(await connection.ping()).toBe(true);
  expect(await connection.changeSettings({ initialWindowSize: 1 })).toBe(true);
  const trailers = { 'x-last': 'field' };
  const made = connection.call({ path: '/a/B', receiveLimit: 1000, headers: { 'x-a': 'b' }, trailers });
  made.sendBytes(Buffer.from('message'));
  made.sendEnd();
  expect(await made.ended).toMatchObject({ grpc: 'OK' });
  connection.destroy();
  expect(await connection.ping()).toBe(false);
  return { sent, seen };
}

const arrived = {
  headers: { ':path': '/a/B', ':authority': 'localhost', 'x-a': 'b' },
  body: 'message',
  trailers: { 'x-last': 'field' },
};

test('a client can split header blocks over several frames', async () => {
  const { sent, seen } = await call({ continued: true });
  expect(seen).toMatchObject(arrived);
  const types = sent.map(({ type }) => type);
  expect(types.filter((type) => type === 9).length).toBeGreaterThanOrEqual(2);
  expect(types.slice(types.indexOf(1), types.indexOf(1) + 3)).toEqual([1, 9, 9]);
});

test('a client can pad the frames of calls', async () => {
  const { sent, seen } = await call({ padded: true });
  expect(seen).toMatchObject(arrived);
  const ofCalls = sent.filter(({ type }) => type <= 1);
  expect(ofCalls.length).toBeGreaterThanOrEqual(3);
  expect(ofCalls.every(({ flags }) => (flags & 8) !== 0)).toBe(true);
});
