import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WireLog } from '../wire-log.ts';
import { HttpExchange } from './http-exchange.ts';

let folder: string;
let server: Server;
let respond: (socket: Socket, bytes: string) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-'));
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => respond(socket, bytes.toString('latin1')));
    socket.on('end', () => socket.end());
  });
  await once(server.listen(join(folder, 's')), 'listening');
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

function open(): Promise<HttpExchange> {
  const options = { log: new WireLog(), signal: AbortSignal.timeout(5_000) };
  return HttpExchange.open({ kind: 'unix', path: join(folder, 's') }, options);
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na';

it('reads several responses that arrive together', async () => {
  respond = (socket) => socket.write(`${ok}HTTP/1.1 404 No\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`);
  await using exchange = await open();
  await exchange.send([Buffer.from('GET / HTTP/1.1\r\n'), Buffer.from('\r\n')], {});
  await exchange.replied(2);
  expect([exchange.statuses, exchange.isOpen]).toEqual([[200, 404], true]);
  expect(exchange.replies.map(({ framing, body }) => [framing, body.toString()])).toEqual([
    ['length', 'a'],
    ['chunked', ''],
  ]);
});

it('reads a response to HEAD without its body', async () => {
  respond = (socket) => socket.write('HTTP/1.1 405 No\r\ncontent-length: 9\r\n\r\n');
  await using exchange = await open();
  await exchange.send([Buffer.from('HEAD / HTTP/1.1\r\n\r\n')], {});
  await exchange.replied(1);
  expect(exchange.statuses).toEqual([405]);
});

it('ends with the connection', async () => {
  respond = (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc');
  await using exchange = await open();
  await exchange.send([Buffer.from('GET / HTTP/1.0\r\n\r\n')], {});
  await exchange.closed;
  expect(exchange.replies).toMatchObject([{ framing: 'connection' }]);
  expect(exchange.isOpen).toBe(false);
});

it('half-closes the connection after its pieces', async () => {
  let received = '';
  respond = (_, bytes) => {
    received += bytes;
  };
  await using exchange = await open();
  await exchange.send([Buffer.from('a'), Buffer.from('b')], { separately: true, end: true });
  await exchange.closed;
  expect([received, exchange.statuses]).toEqual(['ab', []]);
});

it('reports bytes that are not a response', async () => {
  respond = (socket) => socket.write('hello\r\n\r\n');
  await using exchange = await open();
  await exchange.send([Buffer.from('GET / HTTP/1.1\r\n\r\n')], {});
  await exchange.replied(1);
  expect(exchange.problem).toMatch(/not valid HTTP\/1\.1: "hello" is not a status line/);
});
