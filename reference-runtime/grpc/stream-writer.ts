import { create } from '@bufbuild/protobuf';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { type McpChunk, McpChunkSchema } from '../../proto/index.ts';
import { categoryMappings, type FailureCategory } from '../failures/call-refused.ts';
import type { Answer } from '../http/answer.ts';
import { EventWriter, type EventWriterOptions } from '../session/event-writer.ts';

/** The head of a stream. */
export type StreamHead = Pick<Answer, 'status' | 'headers'>;

/** Hooks that produce the chunks of a stream. */
export const chunkHooks = {
  /** Returns the first chunks of a stream of events (HEAD-1, HEAD-2). */
  headChunks: ({ status, headers }: StreamHead): Iterable<McpChunk> => [
    create(McpChunkSchema, { status, headers: { ...headers } }),
  ],
  dataChunks,
  /** Returns the last chunks of a successful stream (STREAM-3, STREAM-4). */
  lastChunks: (): Iterable<McpChunk> => [create(McpChunkSchema, { done: true })],
  /** Returns all chunks of an answer with a body instead of events, such as the refusal of a POST (POST-6). */
  *answerChunks({ status, headers, body }: Answer, chunkBytes: number): Iterable<McpChunk> {
    yield create(McpChunkSchema, { status, headers: { ...headers } });
    yield* dataChunks(body, chunkBytes);
    yield create(McpChunkSchema, { done: true });
  },
  /** Returns all chunks of a stream without a body: a refusal (STREAM-2) or a status (POST-3). */
  onlyChunks({ status, headers }: StreamHead): Iterable<McpChunk> {
    const errorStatus = status >= 400 ? status : 0;
    return [create(McpChunkSchema, { status, headers: { ...headers }, done: true, errorStatus })];
  },
};
export type ChunkHooks = typeof chunkHooks;

/** Splits bytes into chunks of at most `chunkBytes` (STREAM-6). */
export function* dataChunks(bytes: Uint8Array, chunkBytes: number): Iterable<McpChunk> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    yield create(McpChunkSchema, { data: bytes.subarray(start, start + chunkBytes) });
  }
}

/** Options of a stream writer. */
export interface StreamWriterOptions extends EventWriterOptions {
  readonly call: ServerWritableStream<Uint8Array, McpChunk>;
  readonly hooks: ChunkHooks;
}

/** Writes one stream of the contract: a head, data, and `done`. */
export class StreamWriter extends EventWriter {
  readonly #options: StreamWriterOptions;

  constructor(options: StreamWriterOptions) {
    super(options);
    this.#options = options;
  }

  /** Starts a stream of events (HEAD-2). */
  begin(head: StreamHead): void {
    if (this.closed) return;
    this.#writeAll(this.#options.hooks.headChunks(head));
    this.keepAlive();
  }

  /** Answers with one chunk: a refusal (STREAM-2), or a status without events (POST-3). */
  only(head: StreamHead): void {
    this.#finish(this.#options.hooks.onlyChunks(head));
  }

  /** Answers with a complete response (POST-3, POST-6). */
  answer(answer: Answer): void {
    const { hooks, limits } = this.#options;
    if (answer.body.length === 0) this.only(answer);
    else this.#finish(hooks.answerChunks(answer, limits.chunkBytes));
  }

  protected send(bytes: Uint8Array): void {
    this.#writeAll(this.#options.hooks.dataChunks(bytes, this.#options.limits.chunkBytes));
  }

  protected sendEnd(): void {
    this.#writeAll(this.#options.hooks.lastChunks());
    this.#options.call.end();
  }

  protected abort(category: FailureCategory, message: string): void {
    this.#options.call.emit('error', { code: categoryMappings[category].grpcStatus, details: message });
  }

  #finish(chunks: Iterable<McpChunk>): void {
    if (this.closed) return;
    this.#writeAll(chunks);
    this.#options.call.end();
    this.close();
  }

  #writeAll(chunks: Iterable<McpChunk>): void {
    for (const chunk of chunks) this.#options.call.write(chunk, this.sending(chunk.data.length));
  }
}
