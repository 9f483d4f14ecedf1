import type { Readable } from 'node:stream';
import { errorMessage } from '../../base/error-message.ts';
import { LengthPrefixDecoder, prefixBytes } from './length-prefix.ts';
import { type ReceiveBudget, receiveBudget } from './receive-budget.ts';

/** Bytes of unread messages above which a call stops reading, so that HTTP/2 flow control slows the target down. */
const readAheadBytes = 1 << 20;
/** Memory that an unread message takes besides its bytes. Without it, a call would buffer empty messages without end. */
const messageOverheadBytes = 256;

/** Which messages a receive buffer accepts, and what bounds them. */
export interface ReceiveBufferOptions {
  /** The largest message accepted, in bytes, inflated or not. */
  readonly receiveLimit: number;
  /** Whether gzip was offered to the peer. */
  readonly acceptsGzip: boolean;
  /** Default: the budget of this process. */
  readonly budget?: ReceiveBudget;
}

/** The stream that a receive buffer pauses while it is full. */
export type PausableStream = Pick<Readable, 'closed' | 'isPaused' | 'pause' | 'resume'>;

/** The messages of one call between the wire and their reader. It bounds how much the call reads ahead. */
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

  /** @param stream where the bytes come from */
  constructor(
    stream: PausableStream,
    { receiveLimit, acceptsGzip, budget = receiveBudget }: ReceiveBufferOptions,
  ) {
    this.#stream = stream;
    this.#decoder = new LengthPrefixDecoder(receiveLimit, acceptsGzip);
    this.#budget = budget;
  }

  /** When the first message arrived, on the clock of `performance.now()`. */
  get firstMessageAt(): number | undefined {
    return this.#firstMessageAt;
  }

  /** How the messages break off, where the last one is incomplete. */
  get tornMessage(): string | undefined {
    try {
      this.#decoder.end();
      return undefined;
    } catch (error) {
      return errorMessage(error);
    }
  }

  /** Reads from another stream from now on. */
  readFrom(stream: PausableStream): void {
    this.#stream = stream;
  }

  /**
   * Takes bytes of the response, and pauses the stream when the buffer is full.
   * @throws LengthPrefixError where they are invalid; the messages before that are kept
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
      if (this.#isFull && !this.#stream.closed) this.#stream.pause();
      this.#wake();
    }
  }

  /** The next message, or undefined when the call has ended and every message is read. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) {
        this.#unreadBytes -= message.length + messageOverheadBytes;
        this.#budget.release(this, message.length + prefixBytes);
        this.#readOn();
        return message;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
  }

  /** Ends the buffer: it still gives the messages that it holds, and no longer counts against the budget. */
  end(): void {
    this.#ended = true;
    this.#budget.release(this);
    this.#wake();
  }

  /** Called by the budget when this buffer may read on. */
  goOn(): void {
    this.#waitsForBudget = false;
    this.#readOn();
  }

  get #isFull(): boolean {
    return this.#waitsForBudget || this.#unreadBytes > readAheadBytes;
  }

  #readOn(): void {
    if (!this.#isFull && this.#stream.isPaused()) this.#stream.resume();
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }
}
