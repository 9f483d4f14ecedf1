import type { WireEvent } from '../verdict/result.ts';

const keptAtStart = 200;
const keptAtEnd = 200;
const longestText = 400;

/** The wire events of one case, bounded: the first and the last are kept, and each is cut to one readable line. */
export class WireLog {
  readonly #startedAt = performance.now();
  readonly #first: WireEvent[] = [];
  readonly #last: WireEvent[] = [];
  #dropped = 0;

  add(call: string, direction: WireEvent['direction'], text: string): void {
    const event: WireEvent = {
      at: Math.round((performance.now() - this.#startedAt) * 10) / 10,
      call,
      direction,
      // A clone, since a part of a string keeps the whole: megabytes for each line.
      text: structuredClone(text.length > longestText ? `${text.slice(0, longestText)}…` : text),
    };
    if (this.#first.length < keptAtStart) {
      this.#first.push(event);
      return;
    }
    this.#last.push(event);
    if (this.#last.length > keptAtEnd) {
      this.#last.shift();
      this.#dropped += 1;
    }
  }

  events(): readonly WireEvent[] {
    const gap = this.#last[0];
    if (this.#dropped === 0 || gap === undefined) return [...this.#first, ...this.#last];
    const note: WireEvent = {
      at: gap.at,
      call: '',
      direction: 'local',
      text: `(${this.#dropped} events left out)`,
    };
    return [...this.#first, note, ...this.#last];
  }
}
