import type { JsonRpcMessage } from './json-rpc.ts';
import type { SseEvent } from './sse-parser.ts';
import type { StreamHead } from './stream-head.ts';

/**
 * An open stream. It has one reader: iterate the stream itself for its bytes, or `events()`, or `messages()`, once.
 *
 * Reading ends without error after the `done` chunk and gRPC OK, and after `cancel()`. It throws
 * `RefusedStreamError` for a refused stream, `TruncatedStreamError` (CLIENT-8), `RuntimeCallError` for another gRPC
 * status, `DeadlineError`, `AbortError`, `ClientClosedError`, `ContractViolationError`. Leaving the loop cancels the
 * RPC (CLIENT-11). While nobody reads, little is taken from the connection and the runtime is held back.
 *
 * A stream that is not read to its end has to be cancelled or disposed of (`await using`).
 */
export interface RuntimeStream extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /**
   * The head of the response: what the runtime says with its first chunk, else 200 and `text/event-stream`
   * (CLIENT-7). A refused stream resolves it too, with its status of 400 or more. Rejects as reading does when the
   * stream fails before that. Reading need not have begun.
   */
  readonly head: Promise<StreamHead>;
  /** The id to resume after: that of the last event that had one, "" if none had. Known while events are read. */
  readonly lastEventId: string;
  /** The reconnection time that the stream asked for, in milliseconds. Known while events are read. */
  readonly retryMs: number | undefined;
  /** The server-sent events, parsed over the chunks' concatenation (CLIENT-10). */
  events(): AsyncGenerator<SseEvent, void, undefined>;
  /** The JSON-RPC messages: of the events of type `message`, or the one in a body of type `application/json`. */
  messages(): AsyncGenerator<JsonRpcMessage, void, undefined>;
  /** Cancels the RPC; reading ends without error. Safe to call at any time. */
  cancel(): void;
}
