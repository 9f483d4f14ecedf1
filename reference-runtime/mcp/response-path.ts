import { CallRefused } from '../failures/call-refused.ts';
import type { EventStream } from '../session/event-stream.ts';

/** How a request ended. */
export type Outcome =
  | { readonly kind: 'response'; readonly json: string }
  /** The caller cancelled it: there is no response (DEADLINE-3). */
  | { readonly kind: 'cancelled' }
  /** The session was closed while it was under way (SESSION-8). */
  | { readonly kind: 'closed' };

/** Where a request's messages and its response go. */
export interface ResponsePath {
  /** Whether the caller can be asked something while the request runs (POST-2). */
  readonly interactive: boolean;
  /** Sends a message that belongs to the request. Resolves when there is room for more. */
  message(json: string): Promise<void>;
  /** Closes the HTTP stream while the request goes on, where there is one. */
  suspend(retryMs: number): void;
  finish(outcome: Outcome): void;
}

/** The whole answer to a request: what `Invoke` returns. */
export interface CollectedAnswer {
  /** The messages that belong to the request, in order. */
  readonly messages: readonly string[];
  readonly outcome: Outcome;
}

/** Collects messages until the request ends, within a bound. */
export class CollectedResponse implements ResponsePath {
  readonly interactive = false;
  /** Rejects with CallRefused RATE_LIMITED where the bound was passed. */
  readonly answer: Promise<CollectedAnswer>;
  readonly #messages: string[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  #resolve: (answer: CollectedAnswer) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  /** @param maxBytes how much of messages may be collected, in UTF-16 code units */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  async message(json: string): Promise<void> {
    this.#bytes += json.length;
    if (this.#bytes > this.#maxBytes) {
      this.#messages.length = 0;
      this.#reject(
        new CallRefused('RATE_LIMITED', 'The answer has more messages than one response may hold'),
      );
      return;
    }
    this.#messages.push(json);
  }

  suspend(): void {
    // A unary answer has no stream that could be closed early.
  }

  finish(outcome: Outcome): void {
    this.#resolve({ messages: this.#messages, outcome });
  }
}

/** Sends messages as they arise, then the response, then ends the stream (POST-1). */
export class StreamedResponse implements ResponsePath {
  readonly interactive = true;
  readonly #stream: EventStream;

  constructor(stream: EventStream) {
    this.#stream = stream;
  }

  message(json: string): Promise<void> {
    return this.#stream.push(json);
  }

  suspend(retryMs: number): void {
    this.#stream.suspend(retryMs);
  }

  finish(outcome: Outcome): void {
    if (outcome.kind === 'response') void this.#stream.push(outcome.json);
    this.#stream.end();
  }
}
