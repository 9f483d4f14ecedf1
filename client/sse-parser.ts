import { createParser, type EventSourceParser, ParseError } from 'eventsource-parser';
import { ContractViolationError } from './errors.ts';

/** One server-sent event. */
export interface SseEvent {
  /** The event's type; `message` where the stream names none. */
  readonly type: string;
  /** The data lines, joined with LF. */
  readonly data: string;
  /** The id that this very event carries; undefined where it carries none. */
  readonly id: string | undefined;
  /** The last event id of the stream at this event: its own, or that of an earlier one. */
  readonly lastEventId: string;
}

/** Limits of an {@link SseParser}. */
export interface SseParserOptions {
  /** The largest event, in characters, comments included. Default: 64 Mi. */
  readonly maxEventCharacters?: number | undefined;
}

const defaultMaxEventCharacters = 64 * 1024 * 1024;

/**
 * Parses server-sent events over arbitrary pieces of a byte stream (CLIENT-10), as the WHATWG event-stream
 * interpretation says.
 *
 * eventsource-parser does the field parsing. Four things it leaves to its user or does otherwise are done here: a CR at
 * the end of a piece ends its line at once instead of with the next piece (a live stream with CR line ends would lag by
 * one event, and lose the last); the id of an event without data counts; the last event id persists; and only the byte
 * order mark of UTF-8 is dropped, by the decoder.
 */
export class SseParser {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #parser: EventSourceParser;
  #events: SseEvent[] = [];
  #afterCr = false;
  #atLineStart = true;
  #lastEventId = '';
  #retryMs: number | undefined;
  #failure: ContractViolationError | undefined;

  constructor(options: SseParserOptions = {}) {
    const maxBufferSize = options.maxEventCharacters ?? defaultMaxEventCharacters;
    this.#parser = createParser({
      maxBufferSize,
      onEvent: ({ id, event, data }) => this.#dispatch(id, event, data),
      onRetry: (milliseconds) => {
        this.#retryMs = milliseconds;
      },
      onError: (error) => {
        // Unknown fields and odd retry values are to be ignored; only the limit ends the stream.
        if (error instanceof ParseError && error.type !== 'max-buffer-size-exceeded') return;
        const problem = `the stream has an event of more than ${maxBufferSize} characters`;
        this.#failure = new ContractViolationError(problem);
      },
    });
    // The library takes "ï»¿" at the start of its first piece for a byte order mark; this is its first piece.
    this.#parser.feed('');
  }

  /** The id to resume after: that of the last event that had one, "" if none had. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** The reconnection time that the stream asked for last, in milliseconds. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /**
   * Takes the next piece of the stream and returns the events that it completes. An event that the stream's end leaves
   * incomplete is dropped, as the standard says.
   * @throws ContractViolationError when an event grows beyond the limit
   */
  push(piece: Uint8Array): SseEvent[] {
    if (this.#failure) throw this.#failure;
    const text = this.#withLfLineEnds(this.#decoder.decode(piece, { stream: true }));
    if (text !== '') this.#parser.feed(this.#withClosedBlocks(text));
    const events = this.#events;
    this.#events = [];
    if (this.#failure && events.length === 0) throw this.#failure;
    return events;
  }

  #withLfLineEnds(text: string): string {
    if (text === '') return text;
    const rest = this.#afterCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterCr = text.endsWith('\r');
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest;
  }

  /**
   * Puts one more, empty data line before each blank line. So the library reports every block, also one without data,
   * and what it reports is the data buffer of the standard: each data line with an LF behind it.
   */
  #withClosedBlocks(text: string): string {
    const marked = (this.#atLineStart ? `\n${text}` : text).replace(/\n(?=\n)/g, '\ndata\n');
    const result = this.#atLineStart ? marked.slice(1) : marked;
    this.#atLineStart = text.endsWith('\n');
    return result;
  }

  #dispatch(id: string | undefined, type: string | undefined, dataBuffer: string): void {
    if (id !== undefined) this.#lastEventId = id;
    if (dataBuffer === '') return;
    const data = dataBuffer.slice(0, -1);
    this.#events.push({ type: type ?? 'message', data, id, lastEventId: this.#lastEventId });
  }
}

/** The events of a complete or streamed body, in order; see {@link SseParser}. */
export async function* sseEvents(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: SseParserOptions = {},
): AsyncGenerator<SseEvent, void, undefined> {
  const parser = new SseParser(options);
  for await (const piece of pieces) yield* parser.push(piece);
}
