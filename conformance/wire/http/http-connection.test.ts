import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  HealthResponseSchema,
  McpChunkSchema,
  McpRequestSchema,
  McpResponseSchema,
  type RpcName,
  rpcPath,
} from '../../../proto/index.ts';
import { ConnectError } from '../connect-socket.ts';
import { NotExpressibleError } from '../runtime-call.ts';
import { WireLog } from '../wire-log.ts';
import { HttpConnection } from './http-connection.ts';
import { HttpSocket } from './http-socket.ts';

let folder: string;
let server: Server;
/** The sockets of the server, in the order of their arrival. */
let sockets: Socket[];
/** Reacts to the bytes of a request. */
let respond: (socket: Socket, request: string) => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-'));
  sockets = [];
  respond = (socket) => socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => respond(socket, bytes.toString('latin1')));
  });
  await once(server.listen(join(folder, 's')), 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
  await rm(folder, { recursive: true });
});

function open(): Promise<HttpConnection> {
  return HttpConnection.open({
    address: { kind: 'unix', path: join(folder, 's'), transport: 'http' },
    name: 'main',
    log: new WireLog(),
    signal: AbortSignal.timeout(5_000),
  });
}

type Message = MessageInitShape<typeof McpRequestSchema>;

function start(connection: HttpConnection, rpc: RpcName, message: Message = {}, deadlineMs = 5_000) {
  const call = connection.call({ path: rpcPath(rpc), receiveLimit: 1 << 20, deadlineMs });
  call.send(toBinary(McpRequestSchema, create(McpRequestSchema, { path: '/mcp', ...message })));
  call.sendEnd();
  return call;
}

async function finished(call: ReturnType<typeof start>) {
  const messages: Buffer[] = [];
  for (let message = await call.next(); message !== undefined; message = await call.next())
    messages.push(message);
  return { messages, end: await call.ended };
}

const chunksOf = (messages: readonly Buffer[]) => messages.map((bytes) => fromBinary(McpChunkSchema, bytes));

describe('a unary call', () => {
  it('returns the answer as one message, without the fields of the connection', async () => {
    respond = (socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: 1\r\ndate: now\r\ncontent-length: 2\r\n\r\n{}',
      );
    using connection = await open();
    const { messages, end } = await finished(start(connection, 'Invoke'));
    const [response] = messages.map((bytes) => fromBinary(McpResponseSchema, bytes));
    expect(response).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-a': '1' },
    });
    expect(Buffer.from(response?.body ?? []).toString()).toBe('{}');
    expect(end).toMatchObject({ grpc: 'OK', httpStatus: 200, transport: 'http', answered: true });
  });

  it('reuses a socket after an answer, and uses another one for a concurrent call', async () => {
    using connection = await open();
    await finished(start(connection, 'Invoke'));
    await finished(start(connection, 'CloseSession'));
    expect(sockets).toHaveLength(1);
    await Promise.all([start(connection, 'Invoke'), start(connection, 'Invoke')].map(finished));
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['a field twice', 'x: 1\r\nx: 2\r\ncontent-length: 0\r\n\r\n', /field x occurs twice/],
    ['no framing', '\r\n', /neither content-length nor chunked/],
    ['an invalid chunk', 'transfer-encoding: chunked\r\n\r\nz\r\n', /not valid HTTP/],
    [
      'a body beyond the limit',
      `content-length: 2000000\r\n\r\n${'x'.repeat(2_000_000)}`,
      /more than 1048576/,
    ],
  ])('violates the protocol with %s', async (_, rest, problem) => {
    respond = (socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`);
    using connection = await open();
    const { end } = await finished(start(connection, 'Invoke'));
    expect(end).toMatchObject({ grpc: 'INTERNAL', protocolProblem: expect.stringMatching(problem) });
  });

  it('is unavailable if the response is incomplete', async () => {
    respond = (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab');
    using connection = await open();
    const { end, messages } = await finished(start(connection, 'Invoke'));
    expect([end.grpc, end.answered, messages]).toEqual(['UNAVAILABLE', false, []]);
  });

  it('closes its socket at the deadline and when it is cancelled', async () => {
    respond = () => undefined;
    using connection = await open();
    const late = start(connection, 'Invoke', {}, 20);
    expect((await late.ended).grpc).toBe('DEADLINE_EXCEEDED');
    const cancelled = start(await open(), 'Invoke');
    cancelled.cancel();
    expect((await cancelled.ended).grpc).toBe('CANCELLED');
    for (const socket of sockets) if (!socket.closed) await once(socket, 'close');
  });

  it('sends one message, and cannot send gRPC frames', async () => {
    using connection = await open();
    const call = start(connection, 'Invoke');
    expect(() => call.send(Buffer.of())).toThrow(NotExpressibleError);
    expect(() => call.sendBytes(Buffer.of())).toThrow(NotExpressibleError);
    await expect(connection.ping()).rejects.toThrow(NotExpressibleError);
    await expect(connection.changeSettings()).rejects.toThrow(NotExpressibleError);
    expect(() => connection.call({ path: '/a.B/C', receiveLimit: 1 })).toThrow(NotExpressibleError);
  });
});

describe('a stream', () => {
  it('consists of a head, the data as it arrives, and done', async () => {
    respond = (socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n3\r\n: x\r\n',
      );
    using connection = await open();
    const call = start(connection, 'InvokeStream');
    const first = [await call.next(), await call.next()].flatMap((each) => each ?? []);
    expect(chunksOf(first)).toMatchObject([{ status: 200 }, { status: 0, done: false }]);
    sockets[0]?.write('0\r\n\r\n');
    expect(chunksOf((await finished(call)).messages)).toMatchObject([{ done: true }]);
  });

  it('breaks if the connection ends', async () => {
    respond = (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n: x\r\n');
    using connection = await open();
    const { messages, end } = await finished(start(connection, 'InvokeStream'));
    expect([end.grpc, chunksOf(messages).some(({ done }) => done)]).toEqual(['UNAVAILABLE', false]);
  });

  it.each([
    [
      'GET',
      'HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno',
      [{ status: 403, errorStatus: 403, done: true }],
    ],
    [
      'POST',
      'HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno',
      [{ status: 403, errorStatus: 0 }, { errorStatus: 0, done: false }, { done: true }],
    ],
    ['POST', 'HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n', [{ status: 403, errorStatus: 403, done: true }]],
    ['POST', 'HTTP/1.1 202 Yes\r\ncontent-length: 0\r\n\r\n', [{ status: 202 }, { done: true }]],
  ])('has the chunks of the complete answer to a %s: %j', async (method, response, expected) => {
    respond = (socket) => socket.write(response);
    using connection = await open();
    const { messages } = await finished(start(connection, 'InvokeStream', { method }));
    expect(chunksOf(messages)).toMatchObject(expected);
  });

  it('does not read ahead without bound', async () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    let sent = 0;
    respond = (socket) => {
      const sendMore = () => {
        for (let takesMore = true; takesMore && sent < 1_000; sent += 1) takesMore = socket.write(piece);
      };
      socket.write(head);
      socket.on('drain', sendMore);
      sendMore();
    };
    using pause = vi.spyOn(HttpSocket.prototype, 'pause');
    using connection = await open();
    const call = start(connection, 'InvokeStream');
    await call.next();
    await expect.poll(() => pause.mock.calls.length, { timeout: 4_000 }).toBeGreaterThan(0);
    // The server can use the time of other calls to send more.
    respond = (socket) => socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
    for (let calls = 0; calls < 20; calls += 1) await finished(start(connection, 'Invoke'));
    expect(sent).toBeLessThan(200);
  });
});

describe('a health check', () => {
  const about = { status: 'ok', mode: 'full', version: '1', capabilities: ['resume'] };

  async function health(status: number, body: string) {
    const head = `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n`;
    respond = (socket) => socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    using connection = await open();
    return await finished(start(connection, 'HealthCheck'));
  }

  it('returns the members of the body', async () => {
    const { messages } = await health(200, JSON.stringify(about));
    expect(messages.map((bytes) => fromBinary(HealthResponseSchema, bytes))).toMatchObject([about]);
  });

  it('is unavailable with status 503', async () => {
    expect((await health(503, '')).end.grpc).toBe('UNAVAILABLE');
  });

  it.each(['x', '3', JSON.stringify({ ...about, mode: 1 }), JSON.stringify({ ...about, capabilities: [1] })])(
    'refuses the body %s',
    async (body) => {
      expect((await health(200, body)).end).toMatchObject({ grpc: 'INTERNAL' });
    },
  );
});

describe('a connection', () => {
  it('needs a listening socket', async () => {
    server.close();
    await rm(join(folder, 's'), { force: true });
    await expect(open()).rejects.toThrow(ConnectError);
  });

  it('is not usable after its sockets are closed', async () => {
    const connection = await open();
    expect(connection.usable).toBe(true);
    const call = start(connection, 'Invoke');
    respond = () => undefined;
    connection.destroy();
    expect((await call.ended).grpc).toBe('UNAVAILABLE');
    expect(connection.usable).toBe(false);
    expect(() => start(connection, 'Invoke')).toThrow(ConnectError);
  });
});
