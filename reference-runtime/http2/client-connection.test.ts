import { constants } from 'node:http2';
import { Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import { McpRequestSchema, type RpcName } from '../../proto/index.ts';
import { alice, Harness, toolCall } from '../testing/harness.ts';
import type { Http2Connection } from '../testing/http2-connection.ts';
import { ClientConnection } from './client-connection.ts';

/** Returns the streams of the RST_STREAM frames in the bytes from a server. */
function resetStreams(bytes: Buffer): number[] {
  const streams: number[] = [];
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
    if (bytes.readUInt8(at + 3) === 3) streams.push(bytes.readUInt32BE(at + 5));
  }
  return streams;
}

describe('a call that is cancelled after many others on its connection', () => {
  let harness: Harness;
  let connection: Http2Connection;
  const received: Buffer[] = [];
  beforeAll(async () => {
    harness = await Harness.start();
    connection = harness.connectHttp2((socket) => {
      socket.on('data', (bytes) => received.push(bytes));
      return Duplex.from({ readable: socket.pipe(new PassThrough()), writable: socket });
    });
  });
  afterAll(() => harness[Symbol.asyncDispose]());

  const start = (rpc: RpcName, message?: Uint8Array) => {
    const stream = connection.request(rpc);
    const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
    if (message !== undefined) stream.end(encodeLengthPrefixed(message));
    return { closed, cancel: () => stream.close(constants.NGHTTP2_CANCEL) };
  };

  it.each(['Invoke', 'InvokeStream'] as const)('stops its work: %s', async (rpc) => {
    const sessionId = await harness.session();
    const state = () => harness.callTool(sessionId, 'conformance_state', { key: rpc });
    const body = Buffer.from(JSON.stringify(toolCall(1, 'conformance_wait', { key: rpc })));
    const method = rpc === 'InvokeStream' ? { method: 'POST' } : {};
    const request = create(McpRequestSchema, {
      path: '/mcp',
      sessionId,
      authContext: alice,
      body,
      ...method,
    });
    const wait = start(rpc, toBinary(McpRequestSchema, request));
    await expect.poll(state, { timeout: 20_000 }).toBe('running');
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 50 }, () => start('HealthCheck'));
      for (const { cancel } of round < 19 ? calls : [...calls, wait]) cancel();
      await Promise.all(calls.map(({ closed }) => closed));
    }
    await expect.poll(state, { timeout: 20_000 }).toBe('cancelled');
    expect(resetStreams(Buffer.concat(received))).toEqual([]);
  });
});

describe('a reset that does not reach the HTTP/2 server', () => {
  const closingId = 2001;

  function resetOf(stream: number): Buffer {
    const frame = Buffer.from('00000403000000000000000008', 'hex');
    frame.writeUInt32BE(stream, 5);
    return frame;
  }

  /** Returns a connection that has received more resets than it passes on, and last one of `closingId`. */
  function connectionWithResets(): ClientConnection {
    const socket = new Socket();
    const connection = new ClientConnection(socket);
    const others = Array.from({ length: 900 }, (_, index) => resetOf(2 * index + 1));
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.emit('data', Buffer.concat([preface, ...others, resetOf(closingId)]));
    return connection;
  }

  function streamWith(id: number) {
    let onClose: (code: number) => void = () => undefined;
    const closed = new Promise<number>((resolve) => {
      onClose = resolve;
    });
    return { id, closed, once: () => undefined, close: (code: number) => onClose(code) };
  }

  it('closes a stream that is open', async () => {
    const connection = connectionWithResets();
    const stream = streamWith(closingId);
    connection.track(stream);
    expect(await stream.closed).toBe(8);
  });

  it('closes a stream that the server opens later, and no other one', async () => {
    const connection = connectionWithResets();
    await setImmediate();
    const codes: number[] = [];
    const other = { ...streamWith(closingId + 2), close: (code: number) => codes.push(code) };
    const stream = streamWith(closingId);
    connection.track(stream);
    connection.track(other);
    expect(await stream.closed).toBe(8);
    await setImmediate();
    expect(codes).toEqual([]);
  });
});
