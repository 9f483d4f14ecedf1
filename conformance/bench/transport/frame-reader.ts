import { frameHeaderBytes } from './frames.ts';

/** Receives a frame. `payload` is valid only during the call. */
export type OnFrame = (type: number, flagBits: number, stream: number, payload: Buffer) => void;

/** Splits received bytes into HTTP/2 frames. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  /** Received bytes without a complete frame. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Number of bytes that complete the frame at the start of `#rest`, at least. */
  #needed = frameHeaderBytes;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(bytes: Buffer): void {
    let whole = bytes;
    if (this.#restBytes > 0) {
      this.#rest.push(bytes);
      this.#restBytes += bytes.length;
      // Joining on each chunk would copy a large frame again and again.
      if (this.#restBytes < this.#needed) return;
      whole = Buffer.concat(this.#rest);
    }
    const end = this.#read(whole);
    const rest = whole.subarray(end);
    this.#rest = rest.length > 0 ? [rest] : [];
    this.#restBytes = rest.length;
    this.#needed =
      rest.length < frameHeaderBytes ? frameHeaderBytes : frameHeaderBytes + rest.readUIntBE(0, 3);
  }

  /** Reads complete frames and returns the end of the last one. */
  #read(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= frameHeaderBytes) {
      const end = at + frameHeaderBytes + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      this.#onFrame(
        bytes.readUInt8(at + 3),
        bytes.readUInt8(at + 4),
        stream,
        bytes.subarray(at + frameHeaderBytes, end),
      );
      at = end;
    }
    return at;
  }
}
