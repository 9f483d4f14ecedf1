import type { Writable } from 'node:stream';

/**
 * The request side of a call. While the target may still refuse the stream before processing it, it keeps all sent
 * bytes, so that the same request can be sent on another stream, as gRPC clients do.
 */
export class ResendableRequest {
  #stream: Writable;
  #kept: Uint8Array[] | undefined = [];
  #isComplete = false;
  #flushed: Promise<void> = Promise.resolve();

  /** @param stream receives the bytes of the request */
  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Settles when the stream has accepted the bytes sent so far. Stays pending if the stream is destroyed first. */
  get flushed(): Promise<void> {
    return this.#flushed;
  }

  /** Sends bytes. Does nothing after `end`. */
  write(bytes: Uint8Array): void {
    if (!this.#isComplete) this.#write(bytes);
  }

  /** Half-closes the stream. */
  end(): void {
    this.#isComplete = true;
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.end();
  }

  /** Repeats everything sent so far, including a half-close, on another stream. */
  resendOn(stream: Writable): void {
    this.#stream = stream;
    const kept = this.#kept ?? [];
    this.#kept = [];
    for (const bytes of kept) this.#write(bytes);
    if (this.#isComplete) this.end();
  }

  /** Drops the kept bytes. Called when the request will not be sent again. */
  forget(): void {
    this.#kept = undefined;
  }

  #write(bytes: Uint8Array): void {
    this.#kept?.push(bytes);
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return;
    this.#flushed = new Promise((resolve) => stream.write(bytes, () => resolve()));
  }
}
