import { randomBytes } from 'node:crypto';
import type { FailureCategory } from '../failures/call-refused.ts';
import type { StreamEvent } from '../mcp/sse.ts';
import { EventLog, type EventLogLimits } from './event-log.ts';
import { EventStream, type EventStreamOptions } from './event-stream.ts';

/** Options for the streams of a session. */
export interface EventStreamsOptions extends EventLogLimits, EventStreamOptions {
  replay(log: EventLog, stream: number, sequence: number): readonly StreamEvent[] | undefined;
}

/** A stream to resume, and the events that its reader missed. */
export interface Resumption {
  readonly stream: EventStream;
  readonly missed: readonly StreamEvent[];
}

/** The live stream of a session, the streams of its requests, and their replay log. */
export class EventStreams {
  readonly live: EventStream;
  readonly #options: EventStreamsOptions;
  readonly #idPrefix = randomBytes(9).toString('base64url').replaceAll('-', '_');
  readonly #log: EventLog;
  readonly #streams = new Map<number, EventStream>();
  #opened = 0;

  constructor(options: EventStreamsOptions) {
    this.#options = options;
    this.#log = new EventLog(options);
    this.live = this.open();
  }

  open(): EventStream {
    this.#forgetEnded();
    const stream = new EventStream(this.#opened++, this.#idPrefix, this.#log, this.#options);
    this.#streams.set(stream.number, stream);
    return stream;
  }

  /** Returns the stream of an event id and the events after it, or undefined for an unknown id (RESUME-3). */
  resume(lastEventId: string): Resumption | undefined {
    const [prefix, number, sequence] = lastEventId.split('-');
    const isId = [number, sequence].every((digits) => /^\d{1,15}$/.test(digits ?? ''));
    const stream = isId && prefix === this.#idPrefix ? this.#streams.get(Number(number)) : undefined;
    if (!stream || Number(sequence) > stream.lastSequence || Number(sequence) < 1) return undefined;
    const missed = this.#options.replay(this.#log, stream.number, Number(sequence));
    return missed && { stream, missed };
  }

  /** Ends every stream normally (SESSION-8). */
  end(): void {
    for (const stream of this.#streams.values()) stream.end();
  }

  /** Fails every stream that has not ended (STREAM-5). */
  fail(category: FailureCategory, message: string): void {
    for (const stream of this.#streams.values()) stream.fail(category, message);
  }

  #forgetEnded(): void {
    for (const stream of this.#streams.values()) {
      if (stream.ended && !this.#log.keeps(stream.number)) {
        this.#streams.delete(stream.number);
        this.#log.dropStream(stream.number);
      }
    }
  }
}
