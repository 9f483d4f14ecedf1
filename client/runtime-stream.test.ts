import { once } from 'node:events';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { McpChunkSchema } from '../proto/index.ts';
import {
  AbortError,
  ContractViolationError,
  DeadlineError,
  RefusedStreamError,
  RuntimeCallError,
  TruncatedStreamError,
} from './errors.ts';
import { createRuntimeClient } from './grpc-runtime-client.ts';
import type { RuntimeClient, RuntimeStream } from './runtime-client.ts';
import { deferred } from './testing/deferred.ts';
import {
  bytes,
  type ChunkInit,
  chunksThenOk,
  grpcFailure,
  type RuntimeScript,
  type StreamScriptCall,
  socketFolder,
  startRuntime,
  writeChunks,
} from './testing/scripted-runtime.ts';

/** Runs a test against a scripted runtime. */
async function withRuntime(
  script: RuntimeScript,
  test: (client: RuntimeClient) => Promise<void>,
): Promise<void> {
  await using folder = await socketFolder();
  await using _runtime = await startRuntime(folder.socketPath, script);
  await using client = createRuntimeClient({ ...folder, backoff: { initialMs: 5, maxMs: 20 } });
  await test(client);
}

/** Returns all items, and the error that ended the source. */
async function readAll<Item>(source: AsyncIterable<Item>): Promise<{ items: Item[]; error: unknown }> {
  const items: Item[] = [];
  try {
    for await (const item of source) items.push(item);
  } catch (error) {
    return { items, error };
  }
  return { items, error: undefined };
}

async function textOf(stream: RuntimeStream): Promise<{ text: string; error: unknown }> {
  const { items, error } = await readAll(stream);
  return { text: Buffer.concat(items).toString('utf8'), error };
}

const assumed = { status: 200, headers: { 'content-type': 'text/event-stream' }, origin: 'assumed' };
const done: ChunkInit = { done: true };

describe('the head of a stream', () => {
  it('CLIENT-7: defaults to 200 and text/event-stream', async () => {
    await withRuntime(chunksThenOk({ data: bytes(': hi\n\n') }, done), async (client) => {
      await using stream = client.invokeStream({});
      expect(await stream.head).toEqual(assumed);
    });
  });

  it('CLIENT-7: comes from the first chunk if it has a head', async () => {
    const head: ChunkInit = { status: 202, headers: { 'content-type': 'text/event-stream', 'x-a': 'b' } };
    await withRuntime(chunksThenOk(head, done), async (client) => {
      await using stream = client.invokeStream({});
      expect(await stream.head).toEqual({
        status: 202,
        headers: { 'content-type': 'text/event-stream', 'x-a': 'b' },
        origin: 'sent',
      });
      expect(await readAll(stream)).toEqual({ items: [], error: undefined });
    });
  });

  it('CLIENT-7: can be assumed for an idle stream', async () => {
    const opened = deferred<StreamScriptCall>();
    await withRuntime({ invokeStream: opened.resolve }, async (client) => {
      await using stream = client.invokeStream({}, { assumeHeadAfterMs: 1 });
      expect(await stream.head).toEqual(assumed);
      const call = await opened.promise;
      await writeChunks(call, [{ data: bytes('data: 1\n\n') }, done]);
      call.end();
      expect((await textOf(stream)).text).toBe('data: 1\n\n');
    });
  });

  it('is the status of a refused stream, which reading throws', async () => {
    await withRuntime(chunksThenOk({ done: true, errorStatus: 404 }), async (client) => {
      const stream = client.invokeStream({});
      expect(await stream.head).toEqual({ status: 404, headers: {}, origin: 'sent' });
      for (const read of [stream, client.invokeStream({}).events(), client.invokeStream({}).messages()]) {
        const { items, error } = await readAll<unknown>(read);
        expect(items).toEqual([]);
        expect(error).toBeInstanceOf(RefusedStreamError);
        expect(error).toMatchObject({ code: 'STREAM_REFUSED', status: 404 });
      }
    });
  });

  it('keeps the body of a refusal', async () => {
    const head = { status: 400, headers: { 'content-type': 'application/json' } };
    await withRuntime(
      chunksThenOk(head, { data: bytes('{"a"') }, { data: bytes(':1}'), done: true }),
      async (client) => {
        const { items, error } = await readAll<unknown>(client.invokeStream({}).messages());
        expect(items).toEqual([]);
        expect(error).toMatchObject({ code: 'STREAM_REFUSED', status: 400, body: Buffer.from('{"a":1}') });
      },
    );
  });

  it('reports a refusal whose body breaks off', async () => {
    await withRuntime(chunksThenOk({ status: 400 }, { data: bytes('{') }), async (client) => {
      const { error } = await readAll<unknown>(client.invokeStream({}));
      expect(error).toMatchObject({ code: 'STREAM_TRUNCATED', receivedBytes: 1 });
    });
  });

  it('takes the status of a refusal from error_status if the head differs', async () => {
    const refusal = { status: 200, headers: { 'x-a': 'b' }, done: true, errorStatus: 403 };
    await withRuntime(chunksThenOk(refusal), async (client) => {
      const stream = client.invokeStream({});
      expect(await stream.head).toEqual({ status: 403, headers: { 'x-a': 'b' }, origin: 'sent' });
      expect((await readAll<unknown>(stream)).error).toMatchObject({ code: 'STREAM_REFUSED', status: 403 });
    });
  });

  it('rejects with the same error as reading if the stream fails earlier', async () => {
    const script: RuntimeScript = {
      invokeStream: () => {
        throw grpcFailure(status.INVALID_ARGUMENT, 'no');
      },
    };
    await withRuntime(script, async (client) => {
      const stream = client.invokeStream({});
      await expect(stream.head).rejects.toMatchObject({ grpcStatusName: 'INVALID_ARGUMENT', details: 'no' });
      expect((await readAll(stream)).error).toBeInstanceOf(RuntimeCallError);
    });
  });
});

describe('the end of a stream', () => {
  it('CLIENT-8: is an error after the data for gRPC OK without done', async () => {
    await withRuntime(
      chunksThenOk({ data: bytes('data: 1\n\n') }, { data: bytes('data: 2\n\n') }),
      async (client) => {
        const { text, error } = await textOf(client.invokeStream({}));
        expect(text).toBe('data: 1\n\ndata: 2\n\n');
        expect(error).toBeInstanceOf(TruncatedStreamError);
        expect(error).toMatchObject({ code: 'STREAM_TRUNCATED', receivedBytes: 18 });
        const { items, error: sameError } = await readAll(client.invokeStream({}).events());
        expect(items).toHaveLength(2);
        expect(sameError).toBeInstanceOf(TruncatedStreamError);
      },
    );
  });

  it('CLIENT-8: is an error for gRPC OK without any chunk', async () => {
    await withRuntime(chunksThenOk(), async (client) => {
      const stream = client.invokeStream({});
      await expect(stream.head).rejects.toBeInstanceOf(TruncatedStreamError);
      expect((await readAll(stream)).error).toMatchObject({ receivedBytes: 0 });
    });
  });

  it('CLIENT-9: delivers the data of the chunk with done', async () => {
    await withRuntime(
      chunksThenOk({ data: bytes('data: 1\n\n') }, { data: bytes('data: 2\n\n'), done: true }),
      async (client) => {
        expect(await textOf(client.invokeStream({}))).toEqual({
          text: 'data: 1\n\ndata: 2\n\n',
          error: undefined,
        });
      },
    );
  });

  it('CLIENT-9: delivers the data of a single chunk with done', async () => {
    await withRuntime(chunksThenOk({ data: bytes('data: 1\n\n'), done: true }), async (client) => {
      expect(await textOf(client.invokeStream({}))).toEqual({ text: 'data: 1\n\n', error: undefined });
    });
  });

  it('reports a gRPC status after the data', async () => {
    const script: RuntimeScript = {
      async invokeStream(call) {
        await writeChunks(
          call,
          Array.from({ length: 100 }, (_, index) => ({ data: bytes(`${index};`) })),
        );
        throw grpcFailure(status.UNAVAILABLE, 'broken');
      },
    };
    await withRuntime(script, async (client) => {
      const { items, error } = await readAll(client.invokeStream({}));
      expect(items).toHaveLength(100);
      expect(error).toMatchObject({ code: 'RPC_FAILED', grpcStatusName: 'UNAVAILABLE', retryable: true });
    });
  });

  it('reports a gRPC status even after done', async () => {
    const script: RuntimeScript = {
      async invokeStream(call) {
        await writeChunks(call, [{ data: bytes('x') }, done]);
        throw grpcFailure(status.INTERNAL, 'late');
      },
    };
    await withRuntime(script, async (client) => {
      expect((await readAll(client.invokeStream({}))).error).toMatchObject({ grpcStatusName: 'INTERNAL' });
    });
  });

  it.each<[string, ChunkInit[]]>([
    ['a chunk after done', [{ data: bytes('x') }, done, { data: bytes('y') }]],
    ['error_status after the first chunk', [{ data: bytes('x') }, { done: true, errorStatus: 500 }]],
  ])('rejects %s as a contract violation', async (_name, chunks) => {
    await withRuntime(chunksThenOk(...chunks), async (client) => {
      const { items, error } = await readAll(client.invokeStream({}));
      expect(items).toHaveLength(1);
      expect(error).toBeInstanceOf(ContractViolationError);
    });
  });
});

describe('events and messages', () => {
  it('CLIENT-10: are parsed from the concatenated chunks', async () => {
    const text =
      '\ufeff: hi\r\n\r\nid: 7\r\ndata: {"jsonrpc":"2.0","method":"a","params":{"x":"\u2603"}}\r\n\r\nevent: other\rdata: x\r\rid: 8\ndata:\n\n';
    const chunks = [...bytes(text)].map((byte): ChunkInit => ({ data: Uint8Array.of(byte) }));
    await withRuntime(chunksThenOk(...chunks, done), async (client) => {
      const stream = client.invokeStream({});
      const { items, error } = await readAll(stream.events());
      expect(error).toBeUndefined();
      expect(items.map(({ type, id }) => [type, id])).toEqual([
        ['message', '7'],
        ['other', undefined],
        ['message', '8'],
      ]);
      expect(stream.lastEventId).toBe('8');
      expect(await readAll(client.invokeStream({}).messages())).toEqual({
        items: [{ jsonrpc: '2.0', method: 'a', params: { x: '\u2603' } }],
        error: undefined,
      });
    });
  });

  it('messages accepts JSON if the head declares it, and events refuses it', async () => {
    const head: ChunkInit = { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } };
    const chunks = [head, { data: bytes('{"jsonrpc":"2.0","id":1,') }, { data: bytes('"result":{}}') }, done];
    await withRuntime(chunksThenOk(...chunks), async (client) => {
      expect(await readAll(client.invokeStream({}).messages())).toEqual({
        items: [{ jsonrpc: '2.0', id: 1, result: {} }],
        error: undefined,
      });
      expect((await readAll(client.invokeStream({}).events())).error).toMatchObject({
        code: 'CONTRACT_VIOLATION',
        message: expect.stringContaining('application/json'),
      });
    });
  });

  it.each(['not json', '[]', '{"jsonrpc":"1.0","id":1}', '{"jsonrpc":"2.0","id":1}'])(
    'messages refuses %s',
    async (data) => {
      await withRuntime(chunksThenOk({ data: bytes(`data: ${data}\n\n`) }, done), async (client) => {
        expect((await readAll(client.invokeStream({}).messages())).error).toBeInstanceOf(
          ContractViolationError,
        );
      });
    },
  );
});

describe('cancellation', () => {
  /** Creates a runtime that streams one chunk and reports when it sees the cancellation. */
  function quietRuntime() {
    const cancelled = deferred();
    const script: RuntimeScript = {
      async invokeStream(call) {
        call.on('cancelled', cancelled.resolve);
        if (call.cancelled) cancelled.resolve();
        await writeChunks(call, [{ data: bytes('data: {"jsonrpc":"2.0","method":"m"}\n\n') }]);
      },
    };
    return { script, cancelled: cancelled.promise };
  }

  it.each<[string, (stream: RuntimeStream) => AsyncIterable<unknown>]>([
    ['the bytes', (stream) => stream],
    ['the events', (stream) => stream.events()],
    ['the messages', (stream) => stream.messages()],
  ])('CLIENT-11: leaving the loop over %s cancels the RPC', async (_name, read) => {
    const { script, cancelled } = quietRuntime();
    await withRuntime(script, async (client) => {
      for await (const _item of read(client.invokeStream({}))) break;
      await cancelled;
    });
  });

  it('CLIENT-11: disposing of an unread stream cancels the RPC', async () => {
    const { script, cancelled } = quietRuntime();
    await withRuntime(script, async (client) => {
      {
        await using stream = client.invokeStream({});
        await stream.head;
      }
      await cancelled;
    });
  });

  it('CLIENT-11: cancel ends a waiting loop without an error', async () => {
    const { script, cancelled } = quietRuntime();
    await withRuntime(script, async (client) => {
      const stream = client.invokeStream({});
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = iterator.next();
      stream.cancel();
      expect(await waiting).toEqual({ done: true, value: undefined });
      await cancelled;
    });
  });

  it('CLIENT-11: an abort cancels the RPC, and reading rejects', async () => {
    const { script, cancelled } = quietRuntime();
    await withRuntime(script, async (client) => {
      const controller = new AbortController();
      const stream = client.invokeStream({}, { signal: controller.signal });
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      const waiting = iterator.next();
      controller.abort('gone');
      await expect(waiting).rejects.toMatchObject({ name: 'AbortError', cause: 'gone' });
      await cancelled;
    });
  });

  it('CLIENT-11: an aborted signal rejects immediately', async () => {
    await withRuntime(quietRuntime().script, async (client) => {
      const stream = client.invokeStream({}, { signal: AbortSignal.abort() });
      await expect(stream.head).rejects.toBeInstanceOf(AbortError);
      expect((await readAll(stream)).error).toBeInstanceOf(AbortError);
    });
  });

  it('CLIENT-2: the idle timeout ends the stream, and the runtime sees the end', async () => {
    const { script, cancelled } = quietRuntime();
    await withRuntime(script, async (client) => {
      await client.healthCheck();
      const { error } = await readAll(client.invokeStream({}, { idleTimeoutMs: 50 }));
      expect(error).toBeInstanceOf(DeadlineError);
      expect(error).toMatchObject({ kind: 'idle', retryable: true });
      await cancelled;
    });
  });

  it('CLIENT-2: an explicit deadline applies to the whole stream', async () => {
    const { script, cancelled } = quietRuntime();
    await withRuntime(script, async (client) => {
      await client.healthCheck();
      const { error } = await readAll(client.invokeStream({}, { deadlineMs: 100 }));
      expect(error).toMatchObject({ code: 'DEADLINE', kind: 'call' });
      await cancelled;
    });
  });

  it('a second reader is refused', async () => {
    await withRuntime(chunksThenOk(done), async (client) => {
      const stream = client.invokeStream({});
      await readAll(stream);
      expect((await readAll(stream.events())).error).toBeInstanceOf(TypeError);
    });
  });
});

describe('a slow reader', () => {
  it('applies back-pressure to the runtime without loss', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const count = 512;
    let written = 0;
    const full = deferred();
    const script: RuntimeScript = {
      async invokeStream(call) {
        for (; written < count; written += 1) {
          if (call.write(create(McpChunkSchema, { data: chunk }))) continue;
          full.resolve();
          await once(call, 'drain');
        }
        await writeChunks(call, [done]);
        call.end();
      },
    };
    await withRuntime(script, async (client) => {
      await using stream = client.invokeStream({});
      await stream.head;
      await full.promise;
      // During each of these round trips, a runtime without back-pressure would continue to write.
      for (let round = 0; round < 50; round += 1) await client.healthCheck();
      expect(written).toBeLessThan(count / 4);
      let received = 0;
      for await (const data of stream) received += data.byteLength;
      expect(received).toBe(count * chunk.byteLength);
    });
  });
});
