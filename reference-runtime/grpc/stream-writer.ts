import type { ServerWritableStream } from '@grpc/grpc-js';
import type { McpChunk } from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import type { FailureCategory } from '../failures/category.ts';
import { EventWriter, type EventWriterOptions } from '../session/event-writer.ts';
import type { ChunkHooks, StreamHead } from './stream-chunks.ts';

/** What a stream writer needs. */
export interface StreamWriterOptions extends EventWriterOptions {
  readonly call: ServerWritableStream<Uint8Array, McpChunk>;
  readonly chunkBytes: number;
  readonly hooks: ChunkHooks;
}

/** Writes one stream of the contract: a head, data, and `done`. */
export class StreamWriter extends EventWriter {
  readonly #options: StreamWriterOptions;

  constructor(options: StreamWriterOptions) {
    super(options);
    this.#options = options;
  }

  /** Begins a stream of events (HEAD-2). */
  begin(head: StreamHead): void {
    if (this.closed) return;
    this.#writeAll(this.#options.hooks.headChunks(head));
    this.keepAlive();
  }

  /** Answers with one chunk: a refusal (STREAM-2), or a status without events (POST-3). */
  only(head: StreamHead): void {
    if (this.closed) return;
    this.#writeAll(this.#options.hooks.onlyChunks(head));
    this.#options.call.end();
    this.close();
  }

  protected send(bytes: Uint8Array): void {
    this.#writeAll(this.#options.hooks.dataChunks(bytes, this.#options.chunkBytes));
  }

  protected sendEnd(): void {
    this.#writeAll(this.#options.hooks.lastChunks());
    this.#options.call.end();
  }

  protected breakOff(category: FailureCategory, message: string): void {
    const { grpcStatus } = new CallRefused(category, message);
    this.#options.call.emit('error', { code: grpcStatus, details: message });
  }

  #writeAll(chunks: Iterable<McpChunk>): void {
    for (const chunk of chunks) this.#options.call.write(chunk, this.sending(chunk.data.length));
  }
}
