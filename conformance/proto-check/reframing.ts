import { Transform, type TransformCallback } from 'node:stream';
import { encodeLengthPrefixed, prefixBytes } from '../../base/length-prefix.ts';

/** Longer messages pass unchanged and are not buffered. */
const maxMessageLength = 64 << 20;

/**
 * Translates the messages of a gRPC stream. Bytes that are not a complete, uncompressed message (compression flag set,
 * truncated, too long) pass unchanged.
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
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (!this.#isRaw && this.#held.length >= prefixBytes) {
      const length = this.#held.readUInt32BE(1);
      this.#isRaw = this.#held[0] !== 0 || length > maxMessageLength;
      const end = prefixBytes + length;
      if (this.#isRaw || this.#held.length < end) break;
      this.push(encodeLengthPrefixed(this.#translate(this.#held.subarray(prefixBytes, end))));
      this.#held = this.#held.subarray(end);
    }
    if (this.#isRaw) this.#release();
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#release();
    done();
  }

  #release(): void {
    if (this.#held.length > 0) this.push(this.#held);
    this.#held = Buffer.alloc(0);
  }
}
