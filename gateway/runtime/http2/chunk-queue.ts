import { DeadlineError, type RuntimeClientError } from '../../../client/errors.ts';
import type { ChunkSource } from '../../../client/stream-reader.ts';
import type { McpChunk } from '../../../proto/index.ts';

/** Number of unread bytes at which the runtime has to wait. Flow control adds about as many. */
const highWaterBytes = 64 * 1024;

/** The methods of a call that a queue needs. */
export interface QueuedCall {
  pause(): void;
  resume(): void;
  cancel(): void;
}

/** The chunks of a stream that have arrived but have not been read. */
export class ChunkQueue implements ChunkSource {
  readonly #idleTimeoutMs: number;
  readonly #onSettled: () => void;
  #call: QueuedCall | undefined;
  #chunks: McpChunk[] = [];
  #bytes = 0;
  #isPaused = false;
  #waiting: ((chunk: McpChunk | Promise<undefined>) => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #end: Promise<undefined> | undefined;

  /** @param onSettled called once, when the call has ended or this side has cancelled it */
  constructor(idleTimeoutMs: number, onSettled: () => void) {
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#onSettled = onSettled;
  }

  get settled(): boolean {
    return this.#end !== undefined;
  }

  /** Sets the call that the chunks arrive on. */
  attach(call: QueuedCall): void {
    this.#call = call;
  }

  push(chunk: McpChunk): void {
    if (this.#waiting !== undefined) {
      this.#resolveWith(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.data.byteLength;
    if (this.#bytes < highWaterBytes || this.#isPaused) return;
    this.#isPaused = true;
    this.#call?.pause();
  }

  /** Ends the stream after its chunks. @param error undefined for OK */
  end(error: RuntimeClientError | undefined): void {
    this.#settle(error);
  }

  next(): Promise<McpChunk | undefined> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#bytes -= chunk.data.byteLength;
      if (this.#isPaused && this.#chunks.length === 0) {
        this.#isPaused = false;
        this.#call?.resume();
      }
      return Promise.resolve(chunk);
    }
    if (this.#end !== undefined) return this.#end;
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#startIdleTimer();
    });
  }

  stop(error?: RuntimeClientError): void {
    if (this.#end !== undefined) return;
    this.#chunks = [];
    this.#settle(error);
    this.#call?.cancel();
  }

  #settle(error: RuntimeClientError | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
    // Prevents an unhandled rejection if the stream has no reader.
    this.#end.catch(() => {});
    this.#resolveWith(this.#end);
    this.#onSettled();
  }

  #resolveWith(result: McpChunk | Promise<undefined>): void {
    clearTimeout(this.#idleTimer);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(result);
  }

  #startIdleTimer(): void {
    // Longer timers overflow in Node. A limit of more than 24 days is effectively no limit.
    if (this.#idleTimeoutMs > 2_147_483_647) return;
    const error = () => new DeadlineError('idle', `the stream was silent for ${this.#idleTimeoutMs} ms`);
    this.#idleTimer = setTimeout(() => this.stop(error()), this.#idleTimeoutMs);
  }
}
