import { type ClientReadableStream, type StatusObject, status } from '@grpc/grpc-js';
import type { Signal } from '../base/signal.ts';
import type { McpChunk, RpcName } from '../proto/index.ts';
import { isEndAtDeadline } from './call-deadline.ts';
import { DeadlineError, RuntimeCallError, type RuntimeClientError } from './errors.ts';
import type { ChunkSource } from './stream-reader.ts';

/**
 * Converts a gRPC status other than OK to an error. A null error, which grpc-js never passes, counts as INTERNAL.
 * @param endMs the deadline of the call as `performance.now()` counts time, or Infinity
 */
export function callFailure(
  call: RpcName,
  failed: Pick<StatusObject, 'code' | 'details'> | null,
  endMs: number,
): RuntimeClientError {
  if (failed !== null && isEndAtDeadline(failed.code, endMs)) {
    return new DeadlineError('call', `the deadline of ${call} passed before its answer was complete`);
  }
  return new RuntimeCallError(call, failed?.code ?? status.INTERNAL, failed?.details ?? '');
}

/** The time limits of a stream. */
export interface StreamLimits {
  /** Time limit in milliseconds for each chunk. */
  readonly idleTimeoutMs: number;
  /** The deadline as `performance.now()` counts time, or Infinity. */
  readonly endMs: number;
}

/** Calls `listener` once when the signal aborts. Returns a function that removes the listener. */
export function onAbort(signal: Signal | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const handle = () => listener(signal.reason);
  signal.addEventListener('abort', handle, { once: true });
  return () => signal.removeEventListener('abort', handle);
}

/**
 * Reads the chunks of a call one by one. Without a reader, grpc-js buffers at most 16 messages, and then HTTP/2 flow
 * control applies back-pressure to the runtime.
 */
export class ChunkReader implements ChunkSource {
  readonly #call: ClientReadableStream<McpChunk>;
  readonly #limits: StreamLimits;
  readonly #onSettled: (cancelled: boolean) => void;
  #status: StatusObject | undefined;
  #waiting: ((chunk: McpChunk | Promise<undefined>) => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #end: Promise<undefined> | undefined;

  /** @param onSettled called once, when the call has ended or this side has cancelled it */
  constructor(
    call: ClientReadableStream<McpChunk>,
    limits: StreamLimits,
    onSettled: (cancelled: boolean) => void,
  ) {
    this.#call = call;
    this.#limits = limits;
    this.#onSettled = onSettled;
    call.pause();
    call.on('data', (chunk: McpChunk) => this.#deliver(chunk));
    // The `status` event reports failures. Without a listener for `error`, Node would throw the error.
    call.on('error', () => {});
    call.on('status', (received: StatusObject) => {
      this.#status = received;
    });
    // Emitted after the last chunk has been read, and after the event `status`.
    call.on('end', () => this.#settle(this.#failure(), false));
  }

  /** Whether the call has ended or has been cancelled. */
  get settled(): boolean {
    return this.#end !== undefined;
  }

  /** Returns the next chunk, or undefined after the end with OK. @throws RuntimeClientError if the call failed */
  next(): Promise<McpChunk | undefined> {
    if (this.#end) return this.#end;
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#startIdleTimer();
      this.#call.resume();
    });
  }

  /** Cancels the RPC and ends reading, with or without an error. */
  stop(error?: RuntimeClientError): void {
    if (this.#end) return;
    this.#settle(error, true);
    this.#call.cancel();
    // Drains the buffer, so that the call can end.
    this.#call.resume();
  }

  #deliver(chunk: McpChunk): void {
    if (this.#end) return;
    this.#call.pause();
    this.#resolveWith(chunk);
  }

  #failure(): RuntimeClientError | undefined {
    const received = this.#status;
    if (received === undefined || received.code === status.OK) return undefined;
    return callFailure('InvokeStream', received, this.#limits.endMs);
  }

  #settle(error: RuntimeClientError | undefined, cancelled: boolean): void {
    if (this.#end) return;
    this.#end = error ? Promise.reject(error) : Promise.resolve(undefined);
    // Prevents an unhandled rejection if the stream has no reader.
    this.#end.catch(() => {});
    this.#resolveWith(this.#end);
    this.#onSettled(cancelled);
  }

  #resolveWith(result: McpChunk | Promise<undefined>): void {
    clearTimeout(this.#idleTimer);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(result);
  }

  #startIdleTimer(): void {
    // Longer timers overflow in Node. A limit of more than 24 days is effectively no limit.
    const { idleTimeoutMs } = this.#limits;
    if (idleTimeoutMs > 2_147_483_647) return;
    const error = () => new DeadlineError('idle', `the stream was silent for ${idleTimeoutMs} ms`);
    this.#idleTimer = setTimeout(() => this.stop(error()), idleTimeoutMs);
  }
}
