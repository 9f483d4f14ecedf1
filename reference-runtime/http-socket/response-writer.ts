import type { ServerResponse } from 'node:http';
import { EventWriter, type EventWriterOptions } from '../session/event-writer.ts';

/** What a response of events needs. */
export interface ResponseWriterOptions extends EventWriterOptions {
  readonly outgoing: ServerResponse;
}

/** Writes a stream of events as the body of an HTTP response. */
export class ResponseWriter extends EventWriter {
  readonly #outgoing: ServerResponse;

  constructor(options: ResponseWriterOptions) {
    super(options);
    this.#outgoing = options.outgoing;
  }

  /** Sends the head. */
  begin(headers: Readonly<Record<string, string>>): void {
    if (this.closed) return;
    this.#outgoing.writeHead(200, { ...headers }).flushHeaders();
    this.keepAlive();
  }

  protected send(bytes: Uint8Array): void {
    this.#outgoing.write(bytes, this.sending(bytes.length));
  }

  protected sendEnd(): void {
    this.#outgoing.end();
  }

  /** A response that has begun has no other way to fail than to break off. */
  protected breakOff(): void {
    this.#outgoing.destroy();
  }
}
