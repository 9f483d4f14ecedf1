import { gunzipSync } from 'node:zlib';
import { errorMessage } from '../../base/error-message.ts';

/** The length of the prefix: a flag for compression, and the length of the message in four bytes. */
export const prefixBytes = 5;

/** A message in gRPC's length-prefixed form. */
export function encodeLengthPrefixed(message: Uint8Array, compressed = false): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame.writeUInt8(compressed ? 1 : 0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** Once this much of a message has arrived, the buffer grows to the length that the message announced. */
const believedBytes = 1 << 21;

/** The peer's bytes are no length-prefixed messages that this side accepts. */
export class LengthPrefixError extends Error {
  override readonly name = 'LengthPrefixError';
  readonly code = 'length-prefix';
}

/**
 * Cuts a byte stream into length-prefixed messages. Holds at most one unfinished message, in time and space linear in
 * the bytes however they are cut.
 */
export class LengthPrefixDecoder {
  readonly #limit: number;
  readonly #takesGzip: boolean;
  /** The beginning of a message; of its bytes, `#size` count. */
  #buffer = Buffer.alloc(0);
  #size = 0;

  /**
   * @param limit the largest message taken, in bytes, inflated or not
   * @param takesGzip whether gzip was offered to the peer
   */
  constructor(limit: number, takesGzip = false) {
    this.#limit = limit;
    this.#takesGzip = takesGzip;
  }

  /**
   * Takes bytes and gives the messages they complete, also those before a mistake. The caller has to take them all.
   * @throws LengthPrefixError for an unknown flag, a compression that was not offered or is broken, and a length over
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

  /** @throws LengthPrefixError when the stream ended inside a message */
  end(): void {
    if (this.#size === 0) return;
    const size = this.#sizeOf(this.#kept());
    const progress =
      size === undefined
        ? `${this.#size} of 5 bytes of a length prefix`
        : `${this.#size - prefixBytes} of ${size - prefixBytes} bytes of a message`;
    throw new LengthPrefixError(`the stream ended after ${progress}`);
  }

  /** The bytes of the message that begins there, its prefix included; undefined where the prefix is not whole yet. */
  #sizeOf(bytes: Buffer): number | undefined {
    if (bytes.length < prefixBytes) return undefined;
    const flag = bytes.readUInt8(0);
    if (flag === 1 && !this.#takesGzip) {
      throw new LengthPrefixError('a compressed message came, though only "identity" was offered');
    }
    if (flag > 1) throw new LengthPrefixError(`the compression flag of a message is ${flag}, not 0 or 1`);
    const length = bytes.readUInt32BE(1);
    if (length > this.#limit) {
      throw new LengthPrefixError(`a message announces ${length} bytes, over the limit of ${this.#limit}`);
    }
    return prefixBytes + length;
  }

  #messageOf(whole: Buffer): Buffer {
    const message = whole.subarray(prefixBytes);
    if (whole.readUInt8(0) === 0) return message;
    try {
      return gunzipSync(message, { maxOutputLength: this.#limit });
    } catch (error) {
      throw new LengthPrefixError(`a message cannot be inflated by gzip: ${errorMessage(error)}`);
    }
  }

  #kept(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  /**
   * Keeps a copy, because a slice would hold the whole chunk that it was read with. The buffer grows with the bytes that
   * arrive, because announcing a length costs a peer nothing.
   * @param whole the size to grow to at most
   */
  #keep(bytes: Buffer, whole = prefixBytes): void {
    const size = this.#size + bytes.length;
    if (size > this.#buffer.length) {
      const next = this.#buffer.length < believedBytes ? this.#buffer.length * 2 : whole;
      const grown = Buffer.allocUnsafe(Math.max(size, Math.min(whole, next)));
      this.#kept().copy(grown);
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, this.#size);
    this.#size = size;
  }
}
