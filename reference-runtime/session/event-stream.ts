import { withTimeLimit } from '../../base/deadline.ts';
import type { FailureCategory } from '../failures/call-refused.ts';
import type { StreamEvent } from '../mcp/sse.ts';
import type { RuntimeLimits } from '../options.ts';
import type { EventLog } from './event-log.ts';
import type { EventWriter } from './event-writer.ts';

/** The destination of a stream's events: one open call. */
export type EventSink = Pick<EventWriter, 'pendingBytes' | 'write' | 'end' | 'fail' | 'onClose'>;

/** Options that all streams of a session share. */
export interface EventStreamOptions extends Pick<RuntimeLimits, 'streamBufferBytes'> {
  /** Returns whether streams begin with an event that only sets an id. Invoked when a call starts to read a stream. */
  priming(): boolean;
  frameEvent(event: StreamEvent): string;
}

/**
 * A stream of events in a session. It outlives the calls that read it. Each message becomes an event with an id. The
 * event is kept for replay even if no call is reading the stream.
 */
export class EventStream {
  readonly number: number;
  readonly #idPrefix: string;
  readonly #log: EventLog;
  readonly #options: EventStreamOptions;
  #sink: EventSink | undefined;
  #sequence = 0;
  #ended = false;

  /** @param sessionPrefix unique to the session, so that ids of other sessions are invalid here (RESUME-3) */
  constructor(number: number, sessionPrefix: string, log: EventLog, options: EventStreamOptions) {
    this.number = number;
    this.#idPrefix = `${sessionPrefix}-${number}`;
    this.#log = log;
    this.#options = options;
  }

  get isRead(): boolean {
    return this.#sink !== undefined;
  }

  /** Whether the stream has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  get lastSequence(): number {
    return this.#sequence;
  }

  /** Starts to write to a call: first the events that its reader missed, then new events. */
  attach(sink: EventSink, missed: readonly StreamEvent[]): void {
    this.#sink = sink;
    sink.onClose(() => this.#detach(sink));
    if (missed.length === 0 && !this.#ended && this.#options.priming()) {
      void sink.write(this.#options.frameEvent({ id: this.#nextId(), data: '' }));
    }
    for (const event of missed) void sink.write(this.#options.frameEvent(event));
    if (this.#ended) sink.end();
  }

  /** Resolves when the stream has no reader, or after a time limit in milliseconds. */
  async released(withinMs: number): Promise<void> {
    const sink = this.#sink;
    if (sink === undefined) return;
    await withTimeLimit(new Promise<void>((resolve) => sink.onClose(resolve)), withinMs);
  }

  /** Sends a JSON-RPC message. Resolves when the reader has room for more. */
  async push(message: string): Promise<void> {
    if (this.#ended) return;
    const text = this.record(message);
    const sink = this.#sink;
    if (sink === undefined) return;
    if (sink.pendingBytes > this.#options.streamBufferBytes) {
      this.#detach(sink);
      sink.fail('RATE_LIMITED', 'The reader of the stream is too slow');
      return;
    }
    await sink.write(text);
  }

  /** Turns a message into an event with an id and keeps the event for replay. Returns the formatted event. */
  record(message: string): string {
    const event = { id: this.#nextId(), data: message };
    this.#log.add(this.number, this.#sequence, event);
    return this.#options.frameEvent(event);
  }

  /** Ends the current call. The stream stays open for a call that resumes it. */
  suspend(retryMs: number): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    void sink.write(this.#options.frameEvent({ id: this.#nextId(), data: '', retryMs }));
    this.#detach(sink);
    sink.end();
  }

  /** Ends the stream and its current call normally (STREAM-3). */
  end(): void {
    this.#ended = true;
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end();
  }

  /** Ends the stream, and fails its current call (STREAM-5). */
  fail(category: FailureCategory, message: string): void {
    this.#ended = true;
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.fail(category, message);
  }

  #detach(sink: EventSink): void {
    if (this.#sink === sink) this.#sink = undefined;
  }

  #nextId(): string {
    this.#sequence += 1;
    return `${this.#idPrefix}-${this.#sequence}`;
  }
}
