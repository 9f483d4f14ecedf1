import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { ContractViolationError } from '../../client/errors.ts';
import { SseParser } from '../../client/sse-parser.ts';
import { ObservationError } from './json-text.ts';

/** A dispatched server-sent event (WHATWG HTML, "Server-sent events"). */
export interface SseEvent {
  readonly id?: string;
  /** The type, unless it is `message`. */
  readonly event?: string;
  readonly data: string;
}

/** Maximum number of events, more than any case needs. A target that exceeds this limit is flooding the kit. */
const maxEvents = 50_000;
const maxEventCharacters = 16 << 20;
/** Bytes to parse at a time, so that a large body cannot create too many events before they are counted. */
const pieceBytes = 1 << 16;

/** Reads server-sent events from a byte stream cut at any position. Accepts only UTF-8. */
export class SseReader {
  /** Undefined until a piece ends inside a character. */
  #utf8: TextDecoder | undefined;
  readonly #parser = new SseParser({ maxEventCharacters });
  #events = 0;

  /**
   * Takes bytes and returns the events they complete.
   * @throws ObservationError if the bytes are not UTF-8, an event is too long, or there are too many events
   */
  push(bytes: Uint8Array): SseEvent[] {
    this.#check(bytes, true);
    const events: SseEvent[] = [];
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const found = this.#parse(bytes.subarray(start, start + pieceBytes));
      this.#events += found.length;
      if (this.#events > maxEvents) {
        throw new ObservationError(`the stream floods: more than ${maxEvents} events`);
      }
      events.push(...found);
    }
    return events;
  }

  /** Ends the stream. @throws ObservationError if it ends inside a character */
  end(): void {
    this.#check(new Uint8Array(), false);
  }

  #check(bytes: Uint8Array, stream: boolean): void {
    if (this.#utf8 === undefined && isUtf8(bytes)) return;
    this.#utf8 ??= new TextDecoder('utf-8', { fatal: true });
    try {
      this.#utf8.decode(bytes, { stream });
    } catch {
      throw new ObservationError('STREAM-6: the data of the stream is not UTF-8');
    }
  }

  #parse(bytes: Uint8Array): SseEvent[] {
    try {
      return this.#parser.push(bytes).map(({ id, type, data }) => ({
        ...(id === undefined ? {} : { id }),
        ...(type === 'message' ? {} : { event: type }),
        data,
      }));
    } catch (error) {
      if (!(error instanceof ContractViolationError)) throw error;
      throw new ObservationError(`STREAM-6: ${error.message}`);
    }
  }
}

/** Whether an event carries a JSON-RPC message: type `message`, explicit or by default, with data. */
export function carriesMessage(event: SseEvent): boolean {
  return event.event === undefined && event.data !== '';
}
