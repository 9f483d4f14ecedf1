import type { ServerWritableStream } from '@grpc/grpc-js';
import type { McpChunk } from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import type { FailureCategory } from '../failures/category.ts';
import { keepAliveComment } from '../mcp/sse.ts';
import type { EventSink } from '../session/event-sink.ts';
import type { ChunkSteps, StreamHead } from './stream-chunks.ts';

/** What a stream writer needs. */
export interface StreamWriterOptions {
  readonly call: ServerWritableStream<Uint8Array, McpChunk>;
  readonly signal: AbortSignal;
  readonly chunkBytes: number;
  readonly highWaterBytes: number;
  readonly keepAliveMs: number;
  readonly steps: ChunkSteps;
}

const encoder = new TextEncoder();

/** Writes one stream of the contract: a head, data, and `done`; counts what the reader has not taken yet. */
export class StreamWriter implements EventSink {
  readonly #options: StreamWriterOptions;
  readonly #closeListeners: (() => void)[] = [];
  #pending = 0;
  #gathered: string[] = [];
  #gatheredBytes = 0;
  #flush: NodeJS.Immediate | undefined;
  #waiting: (() => void)[] = [];
  #closed = false;
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(options: StreamWriterOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#close(), { once: true });
    if (options.signal.aborted) this.#closed = true;
  }

  get pendingBytes(): number {
    return this.#pending;
  }

  /** Begins a stream of events (HEAD-2). */
  begin(head: StreamHead): void {
    if (this.#closed) return;
    this.#writeAll(this.#options.steps.headChunks(head));
    this.#keepAlive = setInterval(() => this.#sayThatItLives(), this.#options.keepAliveMs).unref();
  }

  /** Answers with one chunk: a refusal (STREAM-2), or a status without events (POST-3). */
  only(head: StreamHead): void {
    if (this.#closed) return;
    this.#writeAll(this.#options.steps.onlyChunks(head));
    this.#options.call.end();
    this.#close();
  }

  async write(text: string): Promise<void> {
    if (this.#closed) return;
    this.#keepAlive?.refresh();
    this.#gather(text);
    if (this.#pending <= this.#options.highWaterBytes) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  end(): void {
    if (this.#closed) return;
    this.#writeGathered();
    this.#writeAll(this.#options.steps.lastChunks());
    this.#options.call.end();
    this.#close();
  }

  fail(category: FailureCategory, message: string): void {
    if (this.#closed) return;
    this.#close();
    const { grpcStatus } = new CallRefused(category, message);
    this.#options.call.emit('error', { code: grpcStatus, details: message });
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#closeListeners.push(listener);
  }

  /** Events of one turn of the event loop leave together: a message for each would cost more than its content. */
  #gather(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#gathered.push(text);
    this.#gatheredBytes += bytes;
    this.#pending += bytes;
    this.#flush ??= setImmediate(() => this.#writeGathered());
  }

  #writeGathered(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    if (this.#gathered.length === 0) return;
    const bytes = encoder.encode(this.#gathered.join(''));
    this.#gathered = [];
    this.#pending -= this.#gatheredBytes;
    this.#gatheredBytes = 0;
    this.#writeAll(this.#options.steps.dataChunks(bytes, this.#options.chunkBytes));
  }

  #writeAll(chunks: Iterable<McpChunk>): void {
    for (const chunk of chunks) this.#write(chunk);
  }

  #write(chunk: McpChunk): void {
    const bytes = chunk.data.length;
    this.#pending += bytes;
    this.#options.call.write(chunk, () => {
      this.#pending -= bytes;
      if (this.#pending <= this.#options.highWaterBytes) this.#wake();
    });
  }

  #sayThatItLives(): void {
    if (this.#pending === 0) void this.write(keepAliveComment);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#keepAlive);
    clearImmediate(this.#flush);
    this.#wake();
    for (const listener of this.#closeListeners.splice(0)) listener();
  }
}
