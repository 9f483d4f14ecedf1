/** An event on the wire during a case. */
export interface WireEvent {
  /** Milliseconds since the start of the case. */
  readonly at: number;
  /**
   * `main#1`: the name of the connection and the number of the call, or `main` for an event of the connection itself.
   */
  readonly call: string;
  readonly direction: 'sent' | 'received' | 'local';
  /** One line: `HEADERS :status 200`, `MESSAGE McpResponse 200 {…}`, `TRAILERS grpc-status 0`, `RST_STREAM CANCEL`. */
  readonly text: string;
}

const keptAtStart = 200;
const keptAtEnd = 200;
const maxTextLength = 400;

/** The wire events of one case. Keeps only the first and the last events, each truncated to one readable line. */
export class WireLog {
  readonly #startedAt = performance.now();
  readonly #first: WireEvent[] = [];
  readonly #last: WireEvent[] = [];
  #dropped = 0;

  /** Adds an event. @param at its time, on the clock of `performance.now()`. Default: now */
  add(call: string, direction: WireEvent['direction'], text: string, at = performance.now()): void {
    const event: WireEvent = {
      at: at - this.#startedAt,
      call,
      direction,
      text: shortened(text),
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

  /** Returns the events in the order in which they happened. */
  events(): readonly WireEvent[] {
    const gap = this.#last[0];
    if (this.#dropped === 0 || gap === undefined) return sortByTime([...this.#first, ...this.#last]);
    const text = `(${this.#dropped} events left out)`;
    const note: WireEvent = { at: roundToTenths(gap.at), call: '', direction: 'local', text };
    return [...sortByTime(this.#first), note, ...sortByTime(this.#last)];
  }
}

/** Length from which a text may be a slice. Callers truncate at 300 characters, so shorter texts are never slices. */
const minSliceLength = 256;

/** Returns a copy of a long text, because a slice would keep the whole string in memory, possibly megabytes. */
function shortened(text: string): string {
  if (text.length <= minSliceLength) return text;
  return structuredClone(text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text);
}

function sortByTime(events: readonly WireEvent[]): readonly WireEvent[] {
  return events
    .toSorted((one, other) => one.at - other.at)
    .map((event) => ({ ...event, at: roundToTenths(event.at) }));
}

function roundToTenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
