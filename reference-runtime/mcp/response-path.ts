import { CallRefused } from '../failures/call-refused.ts';
import type { EventStream } from '../session/event-stream.ts';

/** How a request ended. */
export type Outcome =
  | { readonly kind: 'response'; readonly json: string }
  /** The caller cancelled it: there is no response (DEADLINE-3). */
  | { readonly kind: 'cancelled' }
  /** The session was closed while it was in flight (SESSION-8). */
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

/** The messages that belong to a request, in order, and its end: what `Invoke` returns. */
interface CollectedAnswer {
  readonly messages: readonly string[];
  readonly outcome: Outcome;
}

/**
 * Collects the messages of a request until it ends. `answer` rejects with CallRefused RATE_LIMITED for too many.
 * @param maxBytes how much of messages one response may hold, in UTF-16 code units
 */
export function collectedResponse(
  maxBytes: number,
): ResponsePath & { readonly answer: Promise<CollectedAnswer> } {
  const messages: string[] = [];
  let bytes = 0;
  let resolve: (answer: CollectedAnswer) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const answer = new Promise<CollectedAnswer>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return {
    interactive: false,
    answer,
    async message(json) {
      bytes += json.length;
      messages.push(json);
      if (bytes <= maxBytes) return;
      messages.length = 0;
      reject(new CallRefused('RATE_LIMITED', 'The answer has more messages than one response may hold'));
    },
    // A unary answer has no stream that could be closed early.
    suspend: () => undefined,
    finish: (outcome) => resolve({ messages, outcome }),
  };
}

/** Sends messages as they arise, then the response, then ends the stream (POST-1). */
export function streamedResponse(stream: EventStream): ResponsePath {
  return {
    interactive: true,
    message: (json) => stream.push(json),
    suspend: (retryMs) => stream.suspend(retryMs),
    finish(outcome) {
      if (outcome.kind === 'response') void stream.push(outcome.json);
      stream.end();
    },
  };
}
