const prefixBytes = 5;

/** A message in gRPC's length-prefixed form: a flag for compression, the length in four bytes, the message. */
export function encodeLengthPrefixed(message: Uint8Array, compressed = false): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame.writeUInt8(compressed ? 1 : 0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** The peer's bytes are not length-prefixed messages that this side can take. */
export class LengthPrefixError extends Error {
  readonly code = 'length-prefix';

  constructor(message: string) {
    super(message);
    this.name = 'LengthPrefixError';
  }
}

/** Cuts a byte stream into length-prefixed messages. Holds at most one unfinished message. */
export class LengthPrefixDecoder {
  readonly #limit: number;
  #pieces: Buffer[] = [];
  #size = 0;

  /** @param limit the largest message taken, in bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Takes bytes and returns the messages they complete.
   * @throws LengthPrefixError for an unknown or a compressed flag, and for a length over the limit
   */
  push(bytes: Buffer): Buffer[] {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    const messages: Buffer[] = [];
    while (this.#size >= prefixBytes) {
      const length = this.#readPrefix();
      if (this.#size < prefixBytes + length) break;
      const whole = this.#joined();
      messages.push(whole.subarray(prefixBytes, prefixBytes + length));
      const rest = whole.subarray(prefixBytes + length);
      this.#pieces = rest.length > 0 ? [rest] : [];
      this.#size = rest.length;
    }
    return messages;
  }

  /** @throws LengthPrefixError when the stream ended inside a message */
  end(): void {
    if (this.#size === 0) return;
    if (this.#size < prefixBytes) {
      throw new LengthPrefixError(`the stream ended after ${this.#size} of 5 bytes of a length prefix`);
    }
    const length = this.#readPrefix();
    throw new LengthPrefixError(
      `the stream ended after ${this.#size - prefixBytes} of ${length} bytes of a message`,
    );
  }

  #readPrefix(): number {
    const first = this.#pieces[0];
    const head = first !== undefined && first.length >= prefixBytes ? first : this.#joined();
    const flag = head.readUInt8(0);
    if (flag === 1) {
      throw new LengthPrefixError('a compressed message came, though only "identity" was offered');
    }
    if (flag !== 0) throw new LengthPrefixError(`the compression flag of a message is ${flag}, not 0 or 1`);
    const length = head.readUInt32BE(1);
    if (length > this.#limit) {
      throw new LengthPrefixError(`a message announces ${length} bytes, over the limit of ${this.#limit}`);
    }
    return length;
  }

  #joined(): Buffer {
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }
}
