import { gunzipSync } from 'node:zlib';
import { errorMessage } from './error-message.ts';

/** The size of the prefix: one byte for the compression flag and four for the length of the message. */
export const prefixBytes = 5;

/** Returns a message in gRPC's length-prefixed form. */
export function encodeLengthPrefixed(message: Uint8Array, compressed = false): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame.writeUInt8(compressed ? 1 : 0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** Size up to which the buffer doubles. Above this size, it grows to the announced length of the message. */
const doublingBytes = 1 << 21;

/** Thrown if the peer's bytes are not length-prefixed messages that this side accepts. */
export class LengthPrefixError extends Error {
  override readonly name = 'LengthPrefixError';
  readonly code = 'length-prefix';
  /** Whether a message exceeds the limit. */
  readonly isTooLarge: boolean;

  constructor(message: string, isTooLarge = false) {
    super(message);
    this.isTooLarge = isTooLarge;
  }
}

/**
 * Splits a byte stream into length-prefixed messages. Holds at most one incomplete message. Takes linear time and
 * space, however the bytes are cut.
 */
export class LengthPrefixDecoder {
  readonly #limit: number;
  readonly #acceptsGzip: boolean;
  /** The start of a message. Its first `#size` bytes are in use. */
  #buffer = Buffer.alloc(0);
  #size = 0;

  /**
   * @param limit maximum size of a message in bytes, compressed or not
   * @param acceptsGzip whether gzip was offered to the peer
   */
  constructor(limit: number, acceptsGzip = false) {
    this.#limit = limit;
    this.#acceptsGzip = acceptsGzip;
  }

  /**
   * Takes bytes and yields the messages that they complete, including those before an invalid one. The caller must read
   * all of them.
   * @throws LengthPrefixError for an unknown flag, a compression that is invalid or was not offered, and a length over
   * the limit
   */
  *push(bytes: Buffer): Generator<Buffer, void, undefined> {
    for (let rest = bytes; rest.length > 0; ) {
      if (this.#size === 0) {
        const size = this.#sizeOf(rest);
        if (size === undefined || rest.length < size) return this.#keep(rest, size);
        yield this.#messageOf(rest.subarray(0, size));
        rest = rest.subarray(size);
      } else {
        const size = this.#sizeOf(this.#kept()) ?? prefixBytes;
        const missing = size - this.#size;
        this.#keep(rest.subarray(0, missing), size);
        rest = rest.subarray(missing);
        if (this.#sizeOf(this.#kept()) !== this.#size) continue;
        const whole = this.#kept();
        this.#buffer = Buffer.alloc(0);
        this.#size = 0;
        yield this.#messageOf(whole);
      }
    }
  }

  /** Ends the stream. @throws LengthPrefixError if it ends inside a message */
  end(): void {
    if (this.#size === 0) return;
    const size = this.#sizeOf(this.#kept());
    const progress =
      size === undefined
        ? `${this.#size} of 5 bytes of a length prefix`
        : `${this.#size - prefixBytes} of ${size - prefixBytes} bytes of a message`;
    throw new LengthPrefixError(`the stream ended after ${progress}`);
  }

  /**
   * Returns the size of the message at the start of `bytes` with its prefix, or undefined if the prefix is incomplete.
   */
  #sizeOf(bytes: Buffer): number | undefined {
    if (bytes.length < prefixBytes) return undefined;
    const flag = bytes.readUInt8(0);
    if (flag === 1 && !this.#acceptsGzip) {
      throw new LengthPrefixError(
        'the target sent a compressed message, although only "identity" was offered',
      );
    }
    if (flag > 1) throw new LengthPrefixError(`the compression flag of a message is ${flag}, not 0 or 1`);
    const length = bytes.readUInt32BE(1);
    if (length > this.#limit) {
      const problem = `a message announces ${length} bytes, over the limit of ${this.#limit}`;
      throw new LengthPrefixError(problem, true);
    }
    return prefixBytes + length;
  }

  #messageOf(whole: Buffer): Buffer {
    const message = whole.subarray(prefixBytes);
    if (whole.readUInt8(0) === 0) return message;
    try {
      return gunzipSync(message, { maxOutputLength: this.#limit });
    } catch (error) {
      throw new LengthPrefixError(`a message cannot be decompressed with gzip: ${errorMessage(error)}`);
    }
  }

  #kept(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  /**
   * Stores a copy, because a slice would keep the whole received buffer in memory. The buffer grows only with the bytes
   * that arrive, because a peer can announce any length.
   * @param whole maximum size of the buffer
   */
  #keep(bytes: Buffer, whole = prefixBytes): void {
    const size = this.#size + bytes.length;
    if (size > this.#buffer.length) {
      const next = this.#buffer.length < doublingBytes ? this.#buffer.length * 2 : whole;
      const grown = Buffer.allocUnsafe(Math.max(size, Math.min(whole, next)));
      this.#kept().copy(grown);
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, this.#size);
    this.#size = size;
  }
}
