import { create } from '@bufbuild/protobuf';
import { type McpChunk, McpChunkSchema } from '../../proto/index.ts';

/** The head of a stream's response. */
export interface StreamHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The chunks that streams are made of; each step can be replaced. */
export interface ChunkHooks {
  /** What a stream of events begins with (HEAD-1, HEAD-2). */
  headChunks(head: StreamHead): Iterable<McpChunk>;
  /** The bytes of a stream, cut into pieces of at most `chunkBytes` (STREAM-6). */
  dataChunks(bytes: Uint8Array, chunkBytes: number): Iterable<McpChunk>;
  /** What a stream ends with in the regular way (STREAM-3, STREAM-4). */
  lastChunks(): Iterable<McpChunk>;
  /** The whole of a stream without events: a refusal (STREAM-2), or a status alone (POST-3). */
  onlyChunks(head: StreamHead): Iterable<McpChunk>;
}

/** One chunk, which carries the head. */
export function headChunks({ status, headers }: StreamHead): McpChunk[] {
  return [create(McpChunkSchema, { status, headers: { ...headers } })];
}

/** One chunk for each piece of the bytes. */
export function* dataChunks(bytes: Uint8Array, chunkBytes: number): Iterable<McpChunk> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    yield create(McpChunkSchema, { data: bytes.subarray(start, start + chunkBytes) });
  }
}

/** One chunk with `done` and nothing else. */
export function lastChunks(): McpChunk[] {
  return [create(McpChunkSchema, { done: true })];
}

/** One chunk with the head, `done`, and from 400 on `error_status`. */
export function onlyChunks({ status, headers }: StreamHead): McpChunk[] {
  const errorStatus = status >= 400 ? status : 0;
  return [create(McpChunkSchema, { status, headers: { ...headers }, done: true, errorStatus })];
}
