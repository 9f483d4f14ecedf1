import { CallRefused } from '../failures/call-refused.ts';
import type { RequestRefused } from '../failures/request-refused.ts';
import type { EventStream } from '../session/event-stream.ts';

/** The outcome of a request. */
export type Outcome =
  | { readonly kind: 'response'; readonly json: string }
  /** The caller cancelled the request, which gets no response (DEADLINE-3). */
  | { readonly kind: 'cancelled' }
  /** The session was closed while the request was in flight (SESSION-8). */
  | { readonly kind: 'closed' }
  /** The MCP server of the session ended, or failed for another reason, before it answered. */
  | { readonly kind: 'failed'; readonly refusal: RequestRefused };

/** The destination of a request's messages and response. */
export interface ResponsePath {
  /** Whether the server can send requests to the caller while the request runs (POST-2). */
  readonly interactive: boolean;
  /** Sends a message that belongs to the request. Resolves when the path can accept more messages. */
  message(json: string): Promise<void>;
  /** Closes the HTTP stream, if there is one, while the request continues. */
  suspend(retryMs: number): void;
  finish(outcome: Outcome): void;
}

/** The messages of a request, in order, and its outcome. */
interface CollectedAnswer {
  readonly messages: readonly string[];
  readonly outcome: Outcome;
}

/**
 * Collects the messages of a request until it ends. If they exceed the limit, `answer` rejects with CallRefused
 * RATE_LIMITED.
 * @param maxBytes the maximum total length of the messages, in UTF-16 code units
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
      reject(
        new CallRefused('RATE_LIMITED', 'The messages of the request exceed the maximum size of a response'),
      );
    },
    // A unary answer does not have a stream.
    suspend: () => undefined,
    finish: (outcome) => resolve({ messages, outcome }),
  };
}

/**
 * Sends each message immediately, then the response, then ends the stream (POST-1). The stream has begun with status
 * 200, so a failure becomes an error response.
 * @param id the id of the response as a JSON token
 */
export function streamedResponse(stream: EventStream, id: string): ResponsePath {
  return {
    interactive: true,
    message: (json) => stream.push(json),
    suspend: (retryMs) => stream.suspend(retryMs),
    finish(outcome) {
      if (outcome.kind === 'response') void stream.push(outcome.json);
      if (outcome.kind === 'failed') void stream.push(outcome.refusal.withId(id).body());
      stream.end();
    },
  };
}
