import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WireLog } from '../../wire/wire-log.ts';
import { HttpConnections, type HttpExchange } from './http-exchange.ts';
import { completeRequest } from './http-request.ts';

let server: Server;
let connections: HttpConnections;
let url: URL;

beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  connections = new HttpConnections(url);
});

afterEach(() => {
  connections[Symbol.dispose]();
  server.close();
});

/** Sends a request to a server of this test and returns the exchange, with the bytes received up to `until`. */
async function send(
  written: Parameters<typeof completeRequest>[0],
  until: string,
): Promise<{ readonly exchange: HttpExchange; readonly socket: Socket; readonly text: string }> {
  const request = completeRequest(written, { url, fields: [] });
  const exchange = connections.send(request, 'http#1', new WireLog());
  const [socket]: [Socket] = (await once(server, 'connection')) as [Socket];
  socket.on('error', () => undefined);
  let text = '';
  while (!text.includes(until)) {
    const [bytes]: [Buffer] = (await once(socket, 'data')) as [Buffer];
    text += bytes.toString('latin1');
  }
  return { exchange, socket, text };
}

test('preserves the spelling and order of fields and sends one byte per character', async () => {
  const { text } = await send(
    { headers: ['X-ODD: caf\u00e9', 'x-odd:  two', 'Host: a'], body: 'b' },
    '\r\n\r\nb',
  );
  expect(text).toMatch(
    /^POST \/mcp HTTP\/1\.1\r\nAccept: .*\r\nContent-Type: .*\r\nX-ODD: caf\xe9\r\nx-odd: {2}two\r\nHost: a\r\n/,
  );
});

test('sends raw lines unchanged', async () => {
  const lines = ['Bad : 1', ' folded', 'no colon', 'A: 1\nB: 2'];
  const { text } = await send({ lines, body: 'b' }, '\r\n\r\nb');
  expect(text).toContain(`\r\n${lines.join('\r\n')}\r\n`);
  expect(text).not.toContain('X-Conformance-Lines');
});

test('sends the body after 100 Continue', async () => {
  const { socket, text } = await send({ headers: ['Expect: 100-continue'], body: 'late' }, '\r\n\r\n');
  expect(text).not.toContain('late');
  socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  expect(String(await once(socket, 'data'))).toBe('late');
});

test.each([
  ['content-length: 2\r\n\r\nab', true, 'ab'],
  ['content-length: 3\r\n\r\nab', false, 'ab'],
  ['transfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n', true, 'ab'],
  ['transfer-encoding: chunked\r\n\r\n2\r\nab\r\n', false, 'ab'],
])('decides whether %j is complete: %s', async (rest, complete, body) => {
  const { exchange, socket } = await send({ method: 'GET' }, '\r\n\r\n');
  socket.end(`HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\n${rest}`);
  expect(await exchange.ended).toMatchObject({ complete });
  expect(exchange.headSoFar).toMatchObject({ status: 200, headers: { 'x-a': '1, 2' } });
  expect(exchange.body.toString()).toBe(body);
});

test('has no head if the connection ends without a response', async () => {
  const { exchange, socket } = await send({ body: '{}' }, '{}');
  socket.destroy();
  expect(await exchange.head).toBeUndefined();
  expect(await exchange.ended).toMatchObject({ complete: false });
});
