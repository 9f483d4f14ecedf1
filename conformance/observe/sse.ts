import { SseParser } from '../../reference-runtime/client/sse-parser.ts';

/** A server-sent event as it was dispatched (WHATWG HTML, "Server-sent events"). */
export interface SseEvent {
  readonly id?: string;
  /** The type, where it is not `message`. */
  readonly event?: string;
  readonly data: string;
}

/** Reads server-sent events from bytes cut anywhere, and insists on UTF-8. */
export class SseReader {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  readonly #parser = new SseParser();

  /**
   * Takes bytes and returns the events they complete.
   * @throws TypeError when the bytes are not UTF-8, ContractViolationError when an event grows without end
   */
  push(bytes: Uint8Array): SseEvent[] {
    this.#utf8.decode(bytes, { stream: true });
    return this.#parser.push(bytes).map(({ id, type, data }) => ({
      ...(id === undefined ? {} : { id }),
      ...(type === 'message' ? {} : { event: type }),
      data,
    }));
  }

  /** @throws TypeError when the bytes end inside a character */
  end(): void {
    this.#utf8.decode();
  }
}

/** Whether an event carries a JSON-RPC message: type `message`, said or implied, with data. */
export function carriesMessage(event: SseEvent): boolean {
  return event.event === undefined && event.data !== '';
}
