import { headBytes, isReset, payloadBytesOf, resetBytes, streamOf } from './frames.ts';

/** Maximum number of remembered streams. The server does not reset every stream that it closes. */
const maxStreams = 10_000;

/**
 * Filters the bytes that the HTTP/2 server sends. It removes the resets of streams that the client has reset, because an
 * endpoint must not answer a reset with another one (RFC 9113, section 5.4.2).
 */
export class SentFrames {
  readonly #resetByClient = new Set<number>();
  /** The start of a head whose rest the server has not sent. */
  #pending: Buffer | undefined;
  /** Remaining bytes of the current frame. */
  #left = 0;

  /** Removes the next reset of a stream. */
  removeReset(stream: number): void {
    this.#resetByClient.add(stream);
    if (this.#resetByClient.size <= maxStreams) return;
    const [oldest = stream] = this.#resetByClient;
    this.#resetByClient.delete(oldest);
  }

  /** Returns the bytes for the client. */
  push(sent: Buffer): readonly Buffer[] {
    const bytes = this.#pending === undefined ? sent : Buffer.concat([this.#pending, sent]);
    this.#pending = undefined;
    const passed: Buffer[] = [];
    let from = 0;
    const passUntil = (to: number) => {
      if (to > from) passed.push(bytes.subarray(from, to));
    };
    let at = Math.min(this.#left, bytes.length);
    this.#left -= at;
    while (at < bytes.length) {
      const frame = bytes.subarray(at);
      if (frame.length < headBytes || (isReset(frame) && frame.length < resetBytes)) {
        passUntil(at);
        this.#pending = frame;
        return passed;
      }
      const next = at + headBytes + payloadBytesOf(frame);
      if (isReset(frame) && this.#resetByClient.delete(streamOf(frame))) {
        passUntil(at);
        from = next;
      }
      this.#left = Math.max(next - bytes.length, 0);
      at = Math.min(next, bytes.length);
    }
    passUntil(bytes.length);
    return passed;
  }
}
