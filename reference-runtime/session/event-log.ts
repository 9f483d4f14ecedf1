import type { StreamEvent } from '../mcp/sse.ts';
import type { RuntimeLimits } from '../options.ts';

/** Limits of the replay log (RESUME-4). Sizes are counted in UTF-16 code units. */
export type EventLogLimits = Pick<RuntimeLimits, 'replayEvents' | 'replayBytes'>;

interface Entry {
  readonly stream: number;
  readonly sequence: number;
  readonly event: StreamEvent;
}

/** The replay log: the latest events of all streams of a session, limited in number and size. */
export class EventLog {
  readonly #limits: EventLogLimits;
  readonly #entries: Entry[] = [];
  readonly #kept = new Map<number, number>();
  readonly #lost = new Map<number, number>();
  #bytes = 0;

  constructor(limits: EventLogLimits) {
    this.#limits = limits;
  }

  /** Appends an event, then evicts the oldest events while the log exceeds its limits. */
  add(stream: number, sequence: number, event: StreamEvent): void {
    this.#entries.push({ stream, sequence, event });
    this.#bytes += event.data.length;
    this.#kept.set(stream, (this.#kept.get(stream) ?? 0) + 1);
    while (this.#entries.length > this.#limits.replayEvents || this.#bytes > this.#limits.replayBytes) {
      const oldest = this.#entries.shift();
      if (oldest === undefined) break;
      this.#bytes -= oldest.event.data.length;
      this.#kept.set(oldest.stream, (this.#kept.get(oldest.stream) ?? 0) - 1);
      this.#lost.set(oldest.stream, oldest.sequence);
    }
  }

  /** Returns the events of a stream after `sequence`, or undefined if the log has evicted some of them. */
  after(stream: number, sequence: number): readonly StreamEvent[] | undefined {
    if ((this.#lost.get(stream) ?? 0) > sequence) return undefined;
    return this.#entries
      .filter((entry) => entry.stream === stream && entry.sequence > sequence)
      .map(({ event }) => event);
  }

  keeps(stream: number): boolean {
    return (this.#kept.get(stream) ?? 0) > 0;
  }

  /** Forgets a stream of which the log contains no events. All event ids of the stream become invalid. */
  dropStream(stream: number): void {
    this.#kept.delete(stream);
    this.#lost.delete(stream);
  }
}
