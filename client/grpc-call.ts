import { type ClientReadableStream, type StatusObject, status } from '@grpc/grpc-js';
import type { McpChunk, RpcName } from '../proto/index.ts';
import { DeadlineError, RuntimeCallError, type RuntimeClientError } from './errors.ts';

/** The error for a gRPC status other than OK; null, which grpc-js does not give, counts as INTERNAL. */
export function callFailure(
  call: RpcName,
  failed: Pick<StatusObject, 'code' | 'details'> | null,
): RuntimeClientError {
  if (failed?.code === status.DEADLINE_EXCEEDED) {
    return new DeadlineError('call', `the deadline of ${call} passed before its answer was complete`);
  }
  return new RuntimeCallError(call, failed?.code ?? status.INTERNAL, failed?.details ?? '');
}

/** Calls `listener` once when the signal fires. Returns what removes it again. */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const handle = () => listener(signal.reason);
  signal.addEventListener('abort', handle, { once: true });
  return () => signal.removeEventListener('abort', handle);
}

/**
 * Reads the chunks of a call one by one. Nothing is taken from the connection while nobody reads: grpc-js keeps at most
 * 16 messages, then HTTP/2 flow control holds the runtime back.
 */
export class ChunkReader {
  readonly #call: ClientReadableStream<McpChunk>;
  readonly #idleTimeoutMs: number;
  readonly #onSettled: () => void;
  #status: StatusObject | undefined;
  #waiting: ((chunk: McpChunk | Promise<undefined>) => void) | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #end: Promise<undefined> | undefined;

  /** @param onSettled called once, when the call has ended or was given up */
  constructor(call: ClientReadableStream<McpChunk>, idleTimeoutMs: number, onSettled: () => void) {
    this.#call = call;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#onSettled = onSettled;
    call.pause();
    call.on('data', (chunk: McpChunk) => this.#deliver(chunk));
    // The status says the same; without a listener the event would be thrown.
    call.on('error', () => {});
    call.on('status', (received: StatusObject) => {
      this.#status = received;
    });
    // Comes after the last chunk has been read, and grpc-js has given the status by then.
    call.on('end', () => this.#settle(this.#failure()));
  }

  /** Whether the call has ended or was given up. */
  get settled(): boolean {
    return this.#end !== undefined;
  }

  /** The next chunk; undefined when the call has ended with OK. @throws RuntimeClientError when it failed */
  next(): Promise<McpChunk | undefined> {
    if (this.#end) return this.#end;
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#startIdleTimer();
      this.#call.resume();
    });
  }

  /** Gives the call up: cancels the RPC and ends reading, with an error or quietly. */
  stop(error?: RuntimeClientError): void {
    if (this.#end) return;
    this.#settle(error);
    this.#call.cancel();
    // What is still buffered is dropped, so that the call can come to its end.
    this.#call.resume();
  }

  #deliver(chunk: McpChunk): void {
    if (this.#end) return;
    this.#call.pause();
    this.#resolveWith(chunk);
  }

  #failure(): RuntimeClientError | undefined {
    const received = this.#status;
    return received && received.code !== status.OK ? callFailure('InvokeStream', received) : undefined;
  }

  #settle(error: RuntimeClientError | undefined): void {
    if (this.#end) return;
    this.#end = error ? Promise.reject(error) : Promise.resolve(undefined);
    // Nobody may be reading: the failure is no unhandled rejection.
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
    // Node's timers end at 2^31-1 ms; a limit beyond them is as good as none.
    if (this.#idleTimeoutMs > 2_147_483_647) return;
    const error = () => new DeadlineError('idle', `the stream was silent for ${this.#idleTimeoutMs} ms`);
    this.#idleTimer = setTimeout(() => this.stop(error()), this.#idleTimeoutMs);
  }
}
