import type { Writable } from 'node:stream';

/**
 * The request side of a call. It keeps everything it sends as long as the target may refuse the stream unseen, so that
 * the same request can go out on another stream, as gRPC clients do.
 */
export class ResendableRequest {
  #stream: Writable;
  #kept: Uint8Array[] | undefined = [];
  #isComplete = false;
  #flushed: Promise<void> = Promise.resolve();

  /** @param stream takes the bytes of the request */
  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Settles when the stream has taken the bytes sent so far. Stays pending where the stream is destroyed first. */
  get flushed(): Promise<void> {
    return this.#flushed;
  }

  /** Sends bytes; none after `end`. */
  write(bytes: Uint8Array): void {
    if (!this.#isComplete) this.#write(bytes);
  }

  /** Half-closes the stream. */
  end(): void {
    this.#isComplete = true;
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.end();
  }

  /** Sends on another stream everything that was sent so far, the half-close included. */
  resendOn(stream: Writable): void {
    this.#stream = stream;
    const kept = this.#kept ?? [];
    this.#kept = [];
    for (const bytes of kept) this.#write(bytes);
    if (this.#isComplete) this.end();
  }

  /** Lets go of the bytes sent, because they will not be sent again. */
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
