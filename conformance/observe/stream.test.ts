import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { type McpChunk, McpChunkSchema } from '../../proto/index.ts';
import type { Call } from '../wire/call.ts';
import { WireLog } from '../wire/wire-log.ts';
import { type StreamHead, StreamReader } from './stream.ts';
import type { Observation } from './unary.ts';

type Parts = Partial<Omit<McpChunk, '$typeName' | '$unknown'>>;

/** A call that yields encoded chunks and then ends with OK. */
function callOf(chunks: Iterable<Parts>): Call {
  const iterator = chunks[Symbol.iterator]();
  return {
    name: 'call',
    next: async () => {
      const { value, done } = iterator.next();
      return done ? undefined : toBinary(McpChunkSchema, create(McpChunkSchema, value));
    },
    cancel: () => undefined,
    ended: Promise.resolve({ grpc: 'OK', grpcMessage: '', protocolProblem: undefined }),
  } as unknown as Call;
}

function read(chunks: Iterable<Parts>): Promise<Observation> {
  return new StreamReader(callOf(chunks), { log: new WireLog() }).finish();
}

describe('the bounds of a stream', () => {
  const event = Buffer.from(
    `data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"pad":"${'x'.repeat(210_000)}"}}\n\n`,
  );

  it('allow as many chunks as bytes', async () => {
    function* chunks(): Iterable<Parts> {
      for (let at = 0; at < event.length; at += 1) yield { data: event.subarray(at, at + 1) };
      yield { done: true };
    }
    const { messages, bytes } = await read(chunks());
    expect(messages).toHaveLength(1);
    expect(bytes).toBe(event.length);
  });

  it('end a flood of chunks without data', async () => {
    function* chunks(): Iterable<Parts> {
      for (;;) yield {};
    }
    await expect(read(chunks())).rejects.toThrow('the stream floods: 100001 chunks with 0 bytes');
  });
});

describe('a watched stream', () => {
  it('reports its head with the names of its fields, and each event', async () => {
    const heads: StreamHead[] = [];
    const events: unknown[] = [];
    const watch = {
      head: (head: StreamHead) => void heads.push(head),
      event: (event: unknown, message: unknown) => void events.push([event, message]),
    };
    const chunks = [
      { status: 200, headers: { 'X-A': '1' } },
      { data: Buffer.from('id: 1\ndata:\n\nid: 2\ndata: {"a":1}\n\n') },
      { done: true },
    ];
    await new StreamReader(callOf(chunks), { log: new WireLog(), watch }).finish();
    expect(heads).toEqual([{ status: 200, headers: { 'x-a': '1' }, headerNames: ['X-A'], errorStatus: 0 }]);
    expect(events).toEqual([
      [{ id: '1', data: '' }, undefined],
      [{ id: '2', data: '{"a":1}' }, { a: 1 }],
    ]);
  });
});
