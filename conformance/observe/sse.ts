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

/** More than any case asks for; a target that sends more floods. */
const maxEvents = 50_000;
const maxEventCharacters = 16 << 20;
/** Bytes parsed at a time: a body of many megabytes may consist of events alone. */
const pieceBytes = 1 << 16;

/** Reads server-sent events from bytes cut anywhere, and accepts UTF-8 alone. */
export class SseReader {
  /** In use once a piece has ended inside a character. */
  #utf8: TextDecoder | undefined;
  readonly #parser = new SseParser({ maxEventCharacters });
  #events = 0;

  /**
   * Takes bytes and returns the events they complete.
   * @throws ObservationError when the bytes are not UTF-8, an event grows without end, or there are too many
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

  /** @throws ObservationError when the bytes end inside a character */
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
