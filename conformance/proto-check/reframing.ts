import { Transform, type TransformCallback } from 'node:stream';

/** Flag, and length as four bytes. */
const prefixBytes = 5;
/** A message that is longer is passed on as it is, piece by piece, and not kept. */
const maxMessageLength = 64 << 20;

/**
 * Puts the messages of a gRPC stream in other words. What is no whole, uncompressed message (its flag is not 0, it is cut
 * off, it is longer than any) goes through as it is.
 */
export class Reframing extends Transform {
  readonly #translate: (message: Uint8Array) => Uint8Array;
  #held: Buffer = Buffer.alloc(0);
  #isRaw = false;

  constructor(translate: (message: Uint8Array) => Uint8Array) {
    super();
    this.#translate = translate;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#isRaw) {
      done(null, chunk);
      return;
    }
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (this.#held.length >= prefixBytes) {
      const length = this.#held.readUInt32BE(1);
      if (this.#held[0] !== 0 || length > maxMessageLength) {
        this.#isRaw = true;
        this.push(this.#release());
        break;
      }
      if (this.#held.length < prefixBytes + length) break;
      const message = this.#translate(this.#held.subarray(prefixBytes, prefixBytes + length));
      const prefix = Buffer.alloc(prefixBytes);
      prefix.writeUInt32BE(message.length, 1);
      this.push(Buffer.concat([prefix, message]));
      this.#held = this.#held.subarray(prefixBytes + length);
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#held.length > 0) this.push(this.#release());
    done();
  }

  #release(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }
}
