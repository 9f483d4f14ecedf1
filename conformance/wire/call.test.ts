import { mkdtemp, rm } from 'node:fs/promises';
import { constants, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import type { CallEnd } from './call-end.ts';
import { ConnectError } from './connect-socket.ts';
import { Connection } from './connection.ts';
import { endWithTrailers, readMessage } from './serve-call.ts';
import { WireLog } from './wire-log.ts';

const grpcHeaders = { ':status': 200, 'content-type': 'application/grpc' };

/** Reports the frames that the client sent on the first stream, once the stream is reset. */
function recordFrames(socket: Socket, report: (frames: string[]) => void): void {
  const names = ['DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM'];
  const frames: string[] = [];
  let bytes = Buffer.alloc(0);
  let from = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.length;
  socket.on('data', (more) => {
    bytes = Buffer.concat([bytes, more]);
    for (let end = from + 9; bytes.length >= end; from = end, end += 9) {
      end += bytes.readUIntBE(from, 3);
      if (bytes.length < end) return;
      const [type = 0, flags = 0] = bytes.subarray(from + 3);
      if (bytes.readUInt32BE(from + 5) !== 1) continue;
      const detail = type === 3 ? ` ${bytes.readUInt32BE(from + 9)}` : (flags & 1) === 1 ? ' END_STREAM' : '';
      frames.push(`${names[type]}${detail}`);
      if (type === 3) report(frames);
    }
  });
}

describe('a call', () => {
  let folder: string;
  let path: string;
  let server: Http2Server;
  let answer: (stream: ServerHttp2Stream) => void;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'call-'));
    path = join(folder, 's');
    server = createServer();
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.resume();
      answer(stream);
    });
    server.on('session', (session) => session.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });

  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  async function connect(to = path): Promise<Connection> {
    return Connection.open({
      address: { kind: 'unix', path: to },
      name: 'main',
      log: new WireLog(),
      signal: new AbortController().signal,
    });
  }

  async function carryOut(
    serve: (stream: ServerHttp2Stream) => void,
    deadlineMs?: number,
  ): Promise<{ end: CallEnd; messages: string[] }> {
    answer = serve;
    using connection = await connect();
    const call = connection.call({
      path: '/s/m',
      receiveLimit: 1000,
      deadlineMs,
    });
    call.send(Buffer.from('request'));
    call.sendEnd();
    const messages: string[] = [];
    for (let message = await call.next(); message; message = await call.next())
      messages.push(String(message));
    return { end: await call.ended, messages };
  }

  it('is sent again in full if the target refuses its stream before processing it', async () => {
    const requests: string[] = [];
    const { end } = await carryOut((stream) => {
      requests.push(`${stream.id} ${stream.session?.alpnProtocol}`);
      if (requests.length < 3) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
      readMessage(stream, 1000, (message) => {
        requests.push(String(message));
        endWithTrailers(stream, { 'grpc-status': '5' });
      });
    }, 5000);
    expect(end.grpc).toBe('NOT_FOUND');
    expect(requests).toEqual(['1 h2c', '3 h2c', '5 h2c', 'request']);
  });

  it('is sent again a limited number of times', async () => {
    let streams = 0;
    const { end } = await carryOut((stream) => {
      streams += 1;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    expect(end).toMatchObject({ grpc: 'UNAVAILABLE', answered: false });
    expect(streams).toBe(11);
  });

  it('is not sent again after the target has started to answer', async () => {
    let streams = 0;
    const { end } = await carryOut((stream) => {
      streams += 1;
      // Waiting for trailers keeps the response open until the reset.
      stream.respond(grpcHeaders, { waitForTrailers: true });
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    expect(end).toMatchObject({ grpc: 'UNAVAILABLE', httpStatus: 200 });
    expect(streams).toBe(1);
  });

  it('returns the messages and the status in the trailers', async () => {
    const { end, messages } = await carryOut((stream) => {
      stream.respond(grpcHeaders, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.write(encodeLengthPrefixed(Buffer.from('a')));
      stream.end(encodeLengthPrefixed(Buffer.from('b')));
    });
    expect(messages).toEqual(['a', 'b']);
    expect(end).toEqual({
      grpc: 'OK',
      answered: true,
      grpcMessage: '',
      httpStatus: 200,
      protocolProblem: undefined,
    });
  });

  it('reads the status of a trailers-only response', async () => {
    const { end } = await carryOut((stream) =>
      stream.respond(
        { ...grpcHeaders, 'grpc-status': '5', 'grpc-message': 'no%20such' },
        { endStream: true },
      ),
    );
    expect(end).toMatchObject({ grpc: 'NOT_FOUND', grpcMessage: 'no such', protocolProblem: undefined });
  });

  it('ends with its status even if the request is not half-closed', async () => {
    const reset = new Promise<number>((resolve) => {
      answer = (stream) => {
        stream.on('close', () => resolve(stream.rstCode));
        stream.respond({ ...grpcHeaders, 'grpc-status': '4' }, { endStream: true });
      };
    });
    using connection = await connect();
    const call = connection.call({ path: '/s/m', receiveLimit: 1000 });
    call.send(Buffer.from('request'));
    expect(await call.ended).toMatchObject({ grpc: 'DEADLINE_EXCEEDED', answered: true });
    expect(await reset).toBe(constants.NGHTTP2_NO_ERROR);
  });

  it('reports a response without a status as a protocol problem', async () => {
    const { end } = await carryOut((stream) => {
      stream.respond(grpcHeaders);
      stream.end(encodeLengthPrefixed(Buffer.from('a')));
    });
    expect(end).toMatchObject({
      grpc: 'INTERNAL',
      protocolProblem: 'the response ended without grpc-status',
    });
  });

  it('reports a wrong content-type, an unknown status and a truncated message', async () => {
    const wrongType = await carryOut((stream) =>
      stream.respond(
        { ':status': 200, 'content-type': 'text/html', 'grpc-status': '0' },
        { endStream: true },
      ),
    );
    expect(wrongType.end.protocolProblem).toBe(
      'the content-type of the response is text/html, not application/grpc',
    );
    const unknown = await carryOut((stream) =>
      stream.respond({ ...grpcHeaders, 'grpc-status': '99' }, { endStream: true }),
    );
    expect(unknown.end.protocolProblem).toBe('grpc-status is "99", not a gRPC status');
    const truncated = await carryOut((stream) => {
      stream.respond(grpcHeaders, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(encodeLengthPrefixed(Buffer.from('abc')).subarray(0, 6));
    });
    expect(truncated.end.protocolProblem).toBe('the stream ended after 1 of 3 bytes of a message');
  });

  it('maps the HTTP status of a non-gRPC server and ignores the response body', async () => {
    const { end } = await carryOut((stream) => {
      stream.respond({ ':status': 404, 'content-type': 'text/plain' });
      stream.end('404 page not found');
    });
    expect(end).toMatchObject({ grpc: 'UNIMPLEMENTED', grpcMessage: 'HTTP status 404 without grpc-status' });
  });

  it('reports a peer that does not speak HTTP/2', async () => {
    const other = join(folder, 'other');
    const peer = createNetServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => peer.listen(other, resolve));
    try {
      using connection = await connect(other);
      const call = connection.call({ path: '/s/m', receiveLimit: 1000 });
      call.sendEnd();
      expect(await call.ended).toMatchObject({
        grpc: 'UNAVAILABLE',
        grpcMessage: 'the connection ended during the call with an HTTP/2 error: Protocol error',
      });
    } finally {
      peer.close();
    }
  });

  it('abandons an endless body without gRPC and reports its HTTP status', async () => {
    const { end } = await carryOut((stream) => {
      stream.respond({ ':status': 404, 'content-type': 'text/plain' });
      stream.on('error', () => {});
      const part = Buffer.alloc(1 << 16);
      const more = (): void => {
        if (!stream.destroyed) stream.write(part, more);
      };
      more();
    });
    expect(end.protocolProblem).toBe('HTTP status 404 with a body of more than 1 MiB');
  });

  it('accepts a truncated message in a failed call', async () => {
    const { end } = await carryOut((stream) => {
      stream.respond(grpcHeaders, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '4' }));
      stream.end(encodeLengthPrefixed(Buffer.from('abc')).subarray(0, 6));
    });
    expect(end).toMatchObject({ grpc: 'DEADLINE_EXCEEDED', protocolProblem: undefined });
  });

  it('ends as soon as a message announces more bytes than the limit', async () => {
    const { end } = await carryOut((stream) => {
      stream.respond(grpcHeaders);
      stream.write(Buffer.from('007fffffff', 'hex'));
    });
    expect(end.protocolProblem).toBe('a message announces 2147483647 bytes, over the limit of 1000');
  });

  it('maps a reset to its gRPC status', async () => {
    const { end } = await carryOut((stream) => stream.close(0x7));
    expect(end).toMatchObject({ grpc: 'UNAVAILABLE' });
  });

  it('reports a connection that ends as UNAVAILABLE', async () => {
    const { end } = await carryOut((stream) => stream.session?.destroy());
    expect(end).toMatchObject({ grpc: 'UNAVAILABLE', grpcMessage: 'the connection ended during the call' });
  });

  it('enforces its deadline on a silent server', async () => {
    const { end } = await carryOut(() => undefined, 50);
    expect(end).toMatchObject({ grpc: 'DEADLINE_EXCEEDED' });
  });

  it('resets its stream on cancel without half-closing the request', async () => {
    const recorder = createNetServer();
    const seen = new Promise<string[]>((resolve) => {
      recorder.on('connection', (socket) => {
        // A SETTINGS frame, which completes the connection.
        socket.write(Buffer.from('000000040000000000', 'hex'));
        recordFrames(socket, resolve);
      });
    });
    await new Promise<void>((resolve) => recorder.listen(join(folder, 'r'), resolve));
    using connection = await connect(join(folder, 'r'));
    const call = connection.call({ path: '/s/m', receiveLimit: 1000 });
    call.send(Buffer.from('request'));
    call.cancel();
    expect(await call.ended).toMatchObject({ grpc: 'CANCELLED' });
    expect(await seen).toEqual(['HEADERS', 'DATA', 'RST_STREAM 8']);
    recorder.close();
  });

  it('keeps the connection valid for other calls if it is cancelled before its headers are sent', async () => {
    answer = (stream) => {
      if (stream.id === 1) {
        stream.on('end', () => endWithTrailers(stream, { 'grpc-status': '0' }));
        return;
      }
      stream.respond({ ...grpcHeaders, 'grpc-status': '0' }, { endStream: true });
      // Sent with the answer, so that the client starts its next call before it reads this.
      stream.session?.goaway(0, stream.id);
    };
    using connection = await connect();
    const other = connection.call({ path: '/s/m', receiveLimit: 1000 });
    const answered = connection.call({ path: '/s/m', receiveLimit: 1000 });
    answered.sendEnd();
    expect(await answered.ended).toMatchObject({ grpc: 'OK' });
    const call = connection.call({ path: '/s/m', receiveLimit: 1000 });
    call.cancel();
    expect(await call.ended).toMatchObject({ grpc: 'CANCELLED' });
    other.sendEnd();
    expect(await other.ended).toMatchObject({ grpc: 'OK' });
  });

  it('stops reading while messages are unread, and resumes when they are read', async () => {
    const size = 16 << 10;
    const count = 2000;
    answer = (stream) => {
      stream.respond(grpcHeaders, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(
        Buffer.concat(Array.from({ length: count }, () => encodeLengthPrefixed(Buffer.alloc(size)))),
      );
    };
    using connection = await connect();
    const call = connection.call({ path: '/s/m', receiveLimit: size });
    call.sendEnd();
    let read = 0;
    for (let message = await call.next(); message; message = await call.next()) {
      read += 1;
      await new Promise(setImmediate);
    }
    expect(read).toBe(count);
    expect(await call.ended).toMatchObject({ grpc: 'OK' });
  });

  it('fails with ENOENT if the socket does not exist', async () => {
    await expect(
      Connection.open({
        address: { kind: 'unix', path: join(folder, 'none') },
        name: 'main',
        log: new WireLog(),
        signal: new AbortController().signal,
      }),
    ).rejects.toSatisfy((error) => error instanceof ConnectError && error.code === 'ENOENT');
  });

  it('throws ConnectError on a connection that has ended', async () => {
    const connection = await connect();
    connection.destroy();
    expect(() => connection.call({ path: '/s/m', receiveLimit: 1000 })).toThrow(ConnectError);
  });

  it('limits how many empty messages it reads ahead', async () => {
    answer = (stream) => {
      stream.respond({ 'content-type': 'application/grpc' });
      const more = (): void => {
        while (!stream.destroyed) {
          if (!stream.write(Buffer.alloc(50_000))) {
            stream.once('drain', more);
            return;
          }
        }
      };
      more();
    };
    using connection = await connect();
    const call = connection.call({ path: '/s/m', receiveLimit: 1000 });
    call.sendEnd();
    expect(await call.next()).toHaveLength(0);
    call.cancel();
    expect((await call.ended).grpc).toBe('CANCELLED');
    let count = 1;
    while ((await call.next()) !== undefined) count += 1;
    expect(count).toBeLessThan(100_000);
  });

  it('rejects a flood of interim responses', async () => {
    const { end } = await carryOut((stream) => {
      for (let round = 0; round < 200; round += 1) stream.additionalHeaders({ ':status': 103 });
      stream.respond({ 'content-type': 'application/grpc', 'grpc-status': '0' }, { endStream: true });
    });
    expect(end).toMatchObject({
      grpc: 'INTERNAL',
      grpcMessage: 'the call floods: more than 100 interim responses',
    });
  });

  it('ends at its deadline with megabytes still unsent', async () => {
    answer = (stream) => stream.pause();
    using connection = await connect();
    const call = connection.call({ path: '/s/m', receiveLimit: 1000, deadlineMs: 100 });
    call.send(Buffer.alloc(8 << 20));
    call.sendEnd();
    expect((await call.ended).grpc).toBe('DEADLINE_EXCEEDED');
  });
});
