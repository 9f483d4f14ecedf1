import { setTimeout as pause } from 'node:timers/promises';
import type { Judgement } from '../invariants/judge.ts';
import type { EventSequence } from './event-sequence.ts';
import type { LiveStream } from './live-stream.ts';
import type { Reply } from './reply.ts';

/** The stream of a reader, and the receivers of its events. */
export interface LiveReaderOptions {
  readonly sequence: EventSequence;
  /** Opens the live stream, after an event if an id is given. */
  open(lastEventId: string | undefined): Promise<LiveStream | Reply>;
  /** Judges a reply that arrived instead of a stream. `startedMs` is the time of the request. */
  refused(reply: Reply, startedMs: number): Judgement;
  /** Called if the stream ended, although the reader did not end it. */
  broke(): void;
  /** Checks a message. */
  received(text: string): void;
}

/** Time between two attempts to open the stream, in milliseconds. */
const retryMs = 150;
/** Status of the reply while the runtime still treats the earlier stream as open. */
const stillOpen = 409;

/** Reads the live stream of a session, and resumes it after each break. */
export class LiveReader implements AsyncDisposable {
  readonly #options: LiveReaderOptions;
  readonly #finished: Promise<void>;
  readonly #opened: Promise<boolean>;
  #stream: LiveStream | undefined;
  #lastEventId: string | undefined;
  #isStopped = false;
  #isDropped = false;
  #isUncertain = false;

  constructor(options: LiveReaderOptions) {
    this.#options = options;
    let tell: (isOpen: boolean) => void = () => undefined;
    this.#opened = new Promise((resolve) => {
      tell = resolve;
    });
    this.#finished = this.#read(tell).finally(() => tell(false));
  }

  /** Settles when the stream is open, or cannot be opened. Resolves to whether it is open. */
  get opened(): Promise<boolean> {
    return this.#opened;
  }

  /** Whether events may have been lost with a stream that broke before its first event, so that it could not be resumed. */
  get isUncertain(): boolean {
    return this.#isUncertain;
  }

  /** Whether the session is gone. */
  get hasEnded(): boolean {
    return this.#isStopped;
  }

  /** Breaks the connection. The reader resumes the stream. */
  drop(): void {
    if (this.#stream === undefined) return;
    this.#isDropped = true;
    this.#stream[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopped = true;
    this.#stream?.[Symbol.dispose]();
    await this.#finished;
  }

  async #read(tell: (isOpen: boolean) => void): Promise<void> {
    while (!this.#isStopped) {
      const startedMs = performance.now();
      const opened = await this.#options.open(this.#lastEventId);
      if (opened.kind === 'live') {
        tell(true);
        await this.#follow(opened);
      } else if (opened.kind !== 'answer' || opened.status !== stillOpen) {
        if (this.#options.refused(opened, startedMs) === 'session-ended') this.#isStopped = true;
      }
      if (!this.#isStopped) await pause(retryMs);
    }
  }

  async #follow(stream: LiveStream): Promise<void> {
    this.#stream = stream;
    if (this.#isStopped) stream[Symbol.dispose]();
    for await (const text of stream.messages) this.#options.received(text);
    this.#stream = undefined;
    if (stream.lastEventId !== '') this.#lastEventId = stream.lastEventId;
    if (this.#lastEventId === undefined && this.#options.sequence.missing > 0) this.#isUncertain = true;
    if (!this.#isStopped && !this.#isDropped) this.#options.broke();
    this.#isDropped = false;
  }
}
