const [lineFeed, carriageReturn] = [0x0a, 0x0d];
/** Two line ends of two bytes each. */
const maxBoundaryBytes = 4;

/** Finds out whether the bytes of a stream end between two server-sent events, whose lines end in LF, CR or CRLF. */
export class EventBoundary {
  #isLineEmpty = true;
  #isAfterReturn = false;
  #isBetween = true;

  /** Whether a comment may follow. It would break a line in the middle of an event. */
  get isBetweenEvents(): boolean {
    return this.#isBetween;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > maxBoundaryBytes) {
      // The earlier bytes do not matter.
      this.#isLineEmpty = false;
      this.#isAfterReturn = bytes.at(-maxBoundaryBytes - 1) === carriageReturn;
    }
    for (const byte of bytes.subarray(-maxBoundaryBytes)) {
      const isEndOfCrLf = byte === lineFeed && this.#isAfterReturn;
      this.#isAfterReturn = byte === carriageReturn;
      if (isEndOfCrLf) continue;
      const isLineEnd = byte === lineFeed || byte === carriageReturn;
      this.#isBetween = isLineEnd && this.#isLineEmpty;
      this.#isLineEmpty = isLineEnd;
    }
  }
}
