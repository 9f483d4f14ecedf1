import { createParser, type EventSourceParser, ParseError } from 'eventsource-parser';
import { ContractViolationError } from './errors.ts';

/** One server-sent event. */
export interface SseEvent {
  /** The type of the event. Default: `message`. */
  readonly type: string;
  /** The data lines, joined with LF. */
  readonly data: string;
  /** The id in this event, if any. */
  readonly id: string | undefined;
  /** The last event id of the stream at this event, from this event or an earlier one. */
  readonly lastEventId: string;
}

/** Limits of an {@link SseParser}. */
export interface SseParserOptions {
  /** Maximum length of an event in characters, including comments. Default: 64 Mi. */
  readonly maxEventCharacters?: number | undefined;
}

const defaultMaxEventCharacters = 64 * 1024 * 1024;

/**
 * Parses server-sent events from arbitrary pieces of a byte stream (CLIENT-10), as defined by WHATWG.
 *
 * eventsource-parser parses the fields. This class differs in four ways. A CR at the end of a piece ends its line
 * immediately; otherwise a live stream with CR line endings would lag by one event and lose the last one. An event
 * without data still sets the last event id. The last event id persists across events. Only a UTF-8 byte order mark is
 * dropped.
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
        // The standard ignores unknown fields and invalid retry values. Only the limit ends the stream.
        if (error instanceof ParseError && error.type !== 'max-buffer-size-exceeded') return;
        const problem = `the stream has an event of more than ${maxBufferSize} characters`;
        this.#failure = new ContractViolationError(problem);
      },
    });
    // The library treats "ï»¿" at the start of its first piece as a byte order mark. An empty first piece prevents
    // that.
    this.#parser.feed('');
  }

  /** The id of the last event with an id, to resume after, or "". */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** The last reconnection time that the stream requested, in milliseconds. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /**
   * Parses the next piece of the stream and returns the completed events. An incomplete event at the end of the stream
   * is dropped, as the standard requires.
   * @throws ContractViolationError for an event over the limit
   */
  push(piece: Uint8Array): SseEvent[] {
    if (this.#failure) throw this.#failure;
    const text = this.#withLfLineEndings(this.#decoder.decode(piece, { stream: true }));
    if (text !== '') this.#parser.feed(this.#withClosedBlocks(text));
    const events = this.#events;
    this.#events = [];
    if (this.#failure && events.length === 0) throw this.#failure;
    return events;
  }

  #withLfLineEndings(text: string): string {
    if (text === '') return text;
    const rest = this.#afterCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterCr = text.endsWith('\r');
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest;
  }

  /**
   * Adds an empty data line before each blank line. The library then reports every block, even a block without data.
   * The reported data equals the data buffer of the standard, in which an LF follows each data line.
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

/** Yields the events of a complete or streamed body in order. See {@link SseParser}. */
export async function* sseEvents(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: SseParserOptions = {},
): AsyncGenerator<SseEvent, void, undefined> {
  const parser = new SseParser(options);
  for await (const piece of pieces) yield* parser.push(piece);
}
