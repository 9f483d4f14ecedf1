import { AuthorityRewriter } from './authority-rewriter.ts';
import { frameTypes, headBytes, isReset, payloadBytesOf, resetBytes, streamOf } from './frames.ts';

const prefaceBytes = 24;
const flags = { padded: 0x8, priority: 0x20 } as const;

/**
 * The resets of a connection that reach the HTTP/2 server. Node ends a connection with more than 1000 resets at once,
 * or 33 more in each later second, and has no option for these limits before version 24.
 */
const maxResets = 800;
const resetsPerMs = 25 / 1000;

/** Filters the bytes that a client sends, starting with the connection preface. */
export class FrameFilter {
  readonly #onReset: (stream: number, code: number) => void;
  readonly #rewriter = new AuthorityRewriter();
  #pending: Buffer | undefined;
  /**
   * Remaining bytes of the frame: before its header block, in the block, and after it. The preface counts as a frame.
   */
  #before = prefaceBytes;
  #block = 0;
  #after = 0;
  #resets = maxResets;
  #resetAt = performance.now();

  /** @param onReset called with each reset that the filter removes */
  constructor(onReset: (stream: number, code: number) => void) {
    this.#onReset = onReset;
  }

  /** Returns the bytes for the HTTP/2 server. It may change the given bytes. */
  push(received: Buffer): readonly Buffer[] {
    const bytes = this.#pending === undefined ? received : Buffer.concat([this.#pending, received]);
    this.#pending = undefined;
    const passed: Buffer[] = [];
    let from = 0;
    let at = 0;
    const pass = (to: number) => {
      if (to > from) passed.push(bytes.subarray(from, to));
    };
    while (at < bytes.length) {
      at += this.#skip(bytes.subarray(at));
      const left = bytes.length - at;
      if (left === 0) break;
      const needed = this.#needed(bytes.subarray(at));
      if (left < needed) {
        pass(at);
        this.#pending = bytes.subarray(at);
        return passed;
      }
      const frame = bytes.subarray(at, at + needed);
      at += headBytes;
      if (!isReset(frame) || this.#mayReset()) {
        this.#begin(frame);
        continue;
      }
      this.#onReset(streamOf(frame), frame.readUInt32BE(headBytes));
      pass(at - headBytes);
      at += resetBytes - headBytes;
      from = at;
    }
    pass(bytes.length);
    return passed;
  }

  /** Reads the rest of the current frame. @returns the number of bytes read */
  #skip(bytes: Buffer): number {
    let at = Math.min(this.#before, bytes.length);
    this.#before -= at;
    const block = Math.min(this.#block, bytes.length - at);
    if (block > 0) this.#rewriter.rewrite(bytes.subarray(at, at + block));
    this.#block -= block;
    at += block;
    const after = Math.min(this.#after, bytes.length - at);
    this.#after -= after;
    return at + after;
  }

  /** Returns the number of bytes that the filter needs to see of the next frame. */
  #needed(bytes: Buffer): number {
    if (bytes.length < headBytes) return headBytes;
    if (isReset(bytes)) return resetBytes;
    return isPadded(bytes) ? headBytes + 1 : headBytes;
  }

  #begin(frame: Buffer): void {
    const length = payloadBytesOf(frame);
    const type = frame.readUInt8(3);
    this.#before = length;
    this.#block = 0;
    this.#after = 0;
    if (type !== frameTypes.headers && type !== frameTypes.continuation) return;
    const hasPadding = isPadded(frame);
    const hasPriority = type === frameTypes.headers && (frame.readUInt8(4) & flags.priority) !== 0;
    this.#before = Math.min((hasPadding ? 1 : 0) + (hasPriority ? 5 : 0), length);
    this.#after = hasPadding ? Math.min(frame.readUInt8(headBytes), length - this.#before) : 0;
    this.#block = length - this.#before - this.#after;
  }

  #mayReset(): boolean {
    const now = performance.now();
    this.#resets = Math.min(maxResets, this.#resets + (now - this.#resetAt) * resetsPerMs);
    this.#resetAt = now;
    if (this.#resets < 1) return false;
    this.#resets -= 1;
    return true;
  }
}

function isPadded(frame: Buffer): boolean {
  const isHeaders = frame.readUInt8(3) === frameTypes.headers;
  return isHeaders && (frame.readUInt8(4) & flags.padded) !== 0 && payloadBytesOf(frame) > 0;
}
