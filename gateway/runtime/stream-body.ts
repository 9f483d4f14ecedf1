import type { OpenedStream } from './runtime-connection.ts';

/** The end of a stream. */
export type StreamEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'broken'; readonly error: unknown }
  /** The reader or the gateway cancelled the stream. */
  | { readonly kind: 'cancelled' };

/**
 * The bytes of a stream as they arrive. It reads from the runtime only on demand. Cancelling it at any time, even
 * before the first read, cancels the call.
 */
export class StreamBody implements AsyncIterableIterator<Uint8Array> {
  readonly #stream: OpenedStream;
  readonly #bytes: AsyncIterator<Uint8Array>;
  readonly #onEnd: (end: StreamEnd) => void;
  #first: Promise<IteratorResult<Uint8Array>> | undefined;
  #hasEnded = false;

  /** @param onEnd called once */
  constructor(stream: OpenedStream, onEnd: (end: StreamEnd) => void) {
    this.#stream = stream;
    this.#bytes = stream[Symbol.asyncIterator]();
    this.#onEnd = onEnd;
  }

  /** Reads the first result. The first `next` returns the same result. */
  peek(): Promise<IteratorResult<Uint8Array>> {
    if (this.#first === undefined) {
      this.#first = this.#bytes.next();
      // `next` reports the failure.
      this.#first.catch(() => {});
    }
    return this.#first;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const first = this.#first;
    this.#first = undefined;
    if (this.#hasEnded) return { done: true, value: undefined };
    try {
      const result = await (first ?? this.#bytes.next());
      if (result.done === true) this.#end({ kind: 'complete' });
      return result;
    } catch (error) {
      this.#end({ kind: 'broken', error });
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.cancel();
    return { done: true, value: undefined };
  }

  /** Cancels the call. A pending read sees the end of the stream. */
  cancel(): void {
    this.#stream.cancel();
    this.#end({ kind: 'cancelled' });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(end: StreamEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd(end);
  }
}
