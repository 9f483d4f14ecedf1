import type { Readable } from 'node:stream';
import { errorMessage } from '../../base/error-message.ts';
import { LengthPrefixDecoder, prefixBytes } from '../../base/length-prefix.ts';
import { type ReceiveBudget, receiveBudget } from './receive-budget.ts';

/** Bytes of unread messages above which a call stops reading, so that HTTP/2 flow control slows the target down. */
const readAheadBytes = 1 << 20;
/**
 * Memory that an unread message takes in addition to its bytes. If it did not count, a call could buffer any number of
 * empty messages.
 */
const messageOverheadBytes = 256;

/** Limits and features of a receive buffer. */
export interface ReceiveBufferOptions {
  /** Maximum size of a message in bytes, compressed or not. */
  readonly receiveLimit: number;
  /** Whether gzip was offered to the peer. */
  readonly acceptsGzip: boolean;
  /** Default: the budget of this process. */
  readonly budget?: ReceiveBudget;
}

/** The stream that a receive buffer pauses while it is full. */
export interface PausableStream extends Pick<Readable, 'closed' | 'isPaused'> {
  pause(): unknown;
  resume(): unknown;
}

/** Buffers the messages of one call until they are read, and bounds how far the call reads ahead. */
export class ReceiveBuffer {
  readonly #decoder: LengthPrefixDecoder;
  readonly #budget: ReceiveBudget;
  readonly #messages: Buffer[] = [];
  #stream: PausableStream;
  #firstMessageAt: number | undefined;
  #unreadBytes = 0;
  #waitsForBudget = false;
  #ended = false;
  #wakeReader: (() => void) | undefined;

  /** @param stream the source of the bytes */
  constructor(
    stream: PausableStream,
    { receiveLimit, acceptsGzip, budget = receiveBudget }: ReceiveBufferOptions,
  ) {
    this.#stream = stream;
    this.#decoder = new LengthPrefixDecoder(receiveLimit, acceptsGzip);
    this.#budget = budget;
  }

  /** Arrival time of the first message, on the clock of `performance.now()`. */
  get firstMessageAt(): number | undefined {
    return this.#firstMessageAt;
  }

  /** Description of the truncated last message, or undefined if it is complete. */
  get truncatedMessage(): string | undefined {
    try {
      this.#decoder.end();
      return undefined;
    } catch (error) {
      return errorMessage(error);
    }
  }

  /** Continues with another stream. */
  readFrom(stream: PausableStream): void {
    this.#stream = stream;
  }

  /**
   * Takes bytes of the response and pauses the stream when the buffer is full.
   * @throws LengthPrefixError for invalid bytes; the messages before them are kept
   */
  push(bytes: Buffer): void {
    this.#waitsForBudget = this.#budget.hold(this, bytes.length);
    try {
      for (const message of this.#decoder.push(bytes)) {
        this.#firstMessageAt ??= performance.now();
        this.#messages.push(message);
        this.#unreadBytes += message.length + messageOverheadBytes;
      }
    } finally {
      if (this.#unreadBytes > readAheadBytes) this.#budget.rest(this);
      if (this.#isFull && !this.#stream.closed) this.#stream.pause();
      this.#wake();
    }
  }

  /** Returns the next message, or undefined when the call has ended and every message is read. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        this.#unreadBytes -= message.length + messageOverheadBytes;
        this.#budget.release(this, message.length + prefixBytes);
        this.#resumeStream();
        return message;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  /** Ends the buffer. Its messages can still be read, but no longer count against the budget. */
  end(): void {
    this.#ended = true;
    this.#budget.release(this);
    this.#wake();
  }

  /** Called by the budget when this buffer may read again. */
  resume(): void {
    this.#waitsForBudget = false;
    this.#resumeStream();
  }

  get #isFull(): boolean {
    return this.#waitsForBudget || this.#unreadBytes > readAheadBytes;
  }

  #resumeStream(): void {
    if (!this.#isFull && this.#stream.isPaused()) this.#stream.resume();
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }
}
