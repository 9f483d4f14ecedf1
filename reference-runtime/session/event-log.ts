import type { StreamEvent } from '../mcp/sse.ts';
import type { RuntimeLimits } from '../options.ts';

/** How much a session may keep for replay (RESUME-4); bytes are counted as UTF-16 code units. */
export type EventLogLimits = Pick<RuntimeLimits, 'replayEvents' | 'replayBytes'>;

interface Entry {
  readonly stream: number;
  readonly sequence: number;
  readonly event: StreamEvent;
}

/** The latest messages of all streams of a session, bounded in number and size: what `resume` replays. */
export class EventLog {
  readonly #limits: EventLogLimits;
  readonly #entries: Entry[] = [];
  readonly #kept = new Map<number, number>();
  readonly #lost = new Map<number, number>();
  #bytes = 0;

  constructor(limits: EventLogLimits) {
    this.#limits = limits;
  }

  /** Keeps a message, and forgets the oldest ones that there is no room for. */
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

  /** The messages that followed `sequence` on a stream, or undefined where some of them are forgotten. */
  after(stream: number, sequence: number): readonly StreamEvent[] | undefined {
    if ((this.#lost.get(stream) ?? 0) > sequence) return undefined;
    return this.#entries
      .filter((entry) => entry.stream === stream && entry.sequence > sequence)
      .map(({ event }) => event);
  }

  keeps(stream: number): boolean {
    return (this.#kept.get(stream) ?? 0) > 0;
  }

  /** Forgets a stream of which no message is kept: no id of it is valid any more. */
  dropStream(stream: number): void {
    this.#kept.delete(stream);
    this.#lost.delete(stream);
  }
}
