import { once } from 'node:events';
import { constants, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { maxCancelled } from '../../../base/connection-limits.ts';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { PlainSignal } from '../../../base/signal.ts';
import { deferred } from '../../../client/testing/deferred.ts';
import {
  bytes,
  chunksThenOk,
  type SocketFolder,
  socketFolder,
  startRuntime,
} from '../../../client/testing/scripted-runtime.ts';
import { McpChunkSchema, McpResponseSchema } from '../../../proto/index.ts';
import { resolveLimits } from '../../options.ts';
import { Http2Runtime } from './http2-runtime.ts';

const never = () => new Promise<never>(() => {});

function runtimeAt({ socketPath }: SocketFolder): Http2Runtime {
  return new Http2Runtime(socketPath, resolveLimits());
}

/** Serves HTTP/2 on a socket. It can misbehave in ways that a gRPC server cannot. */
async function serve(
  { socketPath }: SocketFolder,
  onStream: (stream: ServerHttp2Stream, count: number) => void,
): Promise<Http2Server> {
  let count = 0;
  const server = createServer().on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => {});
    stream.resume();
    count += 1;
    onStream(stream, count);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return server;
}

function answer(stream: ServerHttp2Stream): void {
  const message = toBinary(McpResponseSchema, create(McpResponseSchema, { status: 200 }));
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(encodeLengthPrefixed(message));
}

test('a call that the runtime refused unprocessed is sent once more, but not twice', async () => {
  await using folder = await socketFolder();
  let refusals = 1;
  const server = await serve(folder, (stream, count) => {
    if (count <= refusals) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else answer(stream);
  });
  try {
    await using runtime = runtimeAt(folder);
    expect((await runtime.invoke({})).status).toBe(200);
    refusals = 4;
    await expect(runtime.invoke({})).rejects.toMatchObject({ grpcStatusName: 'UNAVAILABLE' });
  } finally {
    server.close();
  }
});

test('calls beyond the limit of a connection use another one, which later calls use again', async () => {
  await using folder = await socketFolder();
  let connections = 0;
  const held: ServerHttp2Stream[] = [];
  const server = await serve(folder, (stream) => held.push(stream));
  server.on('session', () => {
    connections += 1;
  });
  try {
    await using runtime = runtimeAt(folder);
    for (let round = 0; round < 3; round += 1) {
      const calls = Array.from({ length: 120 }, () => runtime.invoke({}));
      await expect.poll(() => held.length).toBe(120);
      for (const stream of held.splice(0)) answer(stream);
      await Promise.all(calls);
    }
    expect(connections).toBe(2);
  } finally {
    server.close();
  }
});

/** Answers with messages in one DATA frame. */
function answerWith(stream: ServerHttp2Stream, messages: readonly Uint8Array[]): void {
  stream.respond({ 'content-type': 'application/grpc' });
  stream.write(Buffer.concat(messages.map((message) => encodeLengthPrefixed(message))));
}

test('an answer with too many messages ends its call once', async () => {
  await using folder = await socketFolder();
  const message = toBinary(McpResponseSchema, create(McpResponseSchema, { status: 200 }));
  const server = await serve(folder, (stream, count) => {
    if (count === 1) answerWith(stream, Array(maxCancelled + 1).fill(message));
    else answer(stream);
  });
  let connections = 0;
  server.on('session', () => {
    connections += 1;
  });
  try {
    await using runtime = runtimeAt(folder);
    await expect(runtime.invoke({})).rejects.toMatchObject({ grpcStatusName: 'UNIMPLEMENTED' });
    expect((await runtime.invoke({})).status).toBe(200);
    expect(connections).toBe(1);
  } finally {
    server.close();
  }
});

test('a stream with an invalid chunk has no further ones', async () => {
  await using folder = await socketFolder();
  const chunkOf = (text: string) =>
    toBinary(McpChunkSchema, create(McpChunkSchema, { data: Buffer.from(text) }));
  const messages = [chunkOf('first'), Buffer.of(0xff), chunkOf('late')];
  const server = await serve(folder, (stream) => answerWith(stream, messages));
  try {
    await using runtime = runtimeAt(folder);
    const pieces: string[] = [];
    const read = async () => {
      for await (const piece of runtime.invokeStream({})) pieces.push(Buffer.from(piece).toString());
    };
    await expect(read()).rejects.toMatchObject({ grpcStatusName: 'INTERNAL' });
    expect(pieces).toEqual(['first']);
  } finally {
    server.close();
  }
});

test('an abort, the deadline and the end of the connection cancel a call at the runtime', async () => {
  await using folder = await socketFolder();
  const cancelled: string[] = [];
  const began = deferred();
  await using _server = await startRuntime(folder.socketPath, {
    invoke: ({ query }, call) => {
      call.on('cancelled', () => cancelled.push(query));
      if (query === 'close') began.resolve();
      return never();
    },
  });
  const runtime = runtimeAt(folder);
  const signal = new PlainSignal();
  const aborted = runtime.invoke({ query: 'abort' }, { signal });
  const late = runtime.invoke({ query: 'deadline' }, { deadlineMs: 50 });
  const closed = runtime.invoke({ query: 'close' });
  closed.catch(() => {});
  await expect(late).rejects.toMatchObject({ code: 'DEADLINE', kind: 'call' });
  signal.abort('reason');
  await expect(aborted).rejects.toMatchObject({ code: 'ABORT_ERR', cause: 'reason' });
  await began.promise;
  await runtime[Symbol.asyncDispose]();
  await expect(closed).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  await expect.poll(() => cancelled.sort()).toEqual(['abort', 'close', 'deadline']);
  await expect(runtime.invoke({})).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
});

test('a call without a connection fails at once with UNAVAILABLE', async () => {
  await using folder = await socketFolder();
  await using runtime = runtimeAt(folder);
  await expect(runtime.invoke({})).rejects.toMatchObject({ grpcStatusName: 'UNAVAILABLE', retryable: true });
  expect(runtime.connected).toBe(false);
  await expect(runtime.invokeStream({}).head).rejects.toMatchObject({ grpcStatusName: 'UNAVAILABLE' });
});

test('a stream ends at its deadline', async () => {
  await using folder = await socketFolder();
  await using _server = await startRuntime(folder.socketPath, { invokeStream: never });
  await using runtime = runtimeAt(folder);
  const { head } = runtime.invokeStream({}, { deadlineMs: 50 });
  await expect(head).rejects.toMatchObject({ code: 'DEADLINE', kind: 'call' });
});

test('a response without a status and a reset are failures of the call, not of the connection', async () => {
  await using folder = await socketFolder();
  const server = await serve(folder, (stream, count) => {
    if (count > 1) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else {
      stream.respond({ 'content-type': 'application/grpc' });
      stream.end();
    }
  });
  try {
    await using runtime = runtimeAt(folder);
    const failure = { grpcStatusName: 'INTERNAL' };
    await expect(runtime.invoke({})).rejects.toMatchObject({
      ...failure,
      details: expect.stringContaining('without gRPC status'),
    });
    await expect(runtime.invoke({})).rejects.toMatchObject({
      ...failure,
      details: expect.stringContaining('RST_STREAM'),
    });
  } finally {
    server.close();
  }
});

test('chunks that wait for their reader arrive in order, before the end', async () => {
  await using folder = await socketFolder();
  const data = Array.from({ length: 500 }, (_, index) => bytes(`${index} ${'x'.repeat(1000)}`));
  await using _server = await startRuntime(
    folder.socketPath,
    chunksThenOk({ status: 200 }, ...data.map((piece) => ({ data: piece })), { done: true }),
  );
  await using runtime = runtimeAt(folder);
  const stream = runtime.invokeStream({});
  expect((await stream.head).status).toBe(200);
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  expect(Buffer.concat(pieces).equals(Buffer.concat(data))).toBe(true);
});
