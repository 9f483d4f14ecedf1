import type { OpenedStream } from './runtime-connection.ts';

/** What is told of a stream when it has ended. */
export type StreamEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'broken'; readonly error: unknown }
  /** The reader left, or was sent away. */
  | { readonly kind: 'left' };

/**
 * The bytes of a stream as they arrive. Nothing is taken from the runtime while nobody reads. Leaving it, at any time
 * and also before it is read, cancels the call.
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

  /** Begins to read; the result of it is also what `next` gives first. */
  peek(): Promise<IteratorResult<Uint8Array>> {
    if (this.#first === undefined) {
      this.#first = this.#bytes.next();
      // Whoever reads on gets the failure.
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
    this.leave();
    return { done: true, value: undefined };
  }

  /** Cancels the call; who reads meanwhile is told that the stream is over. */
  leave(): void {
    this.#stream.cancel();
    this.#end({ kind: 'left' });
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
