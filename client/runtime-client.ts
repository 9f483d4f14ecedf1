import type { Signal } from '../base/signal.ts';
import type { JsonRpcMessage } from './json-rpc.ts';
import type { RuntimeHealth, RuntimeRequest, RuntimeResponse } from './messages.ts';
import type { SseEvent } from './sse-parser.ts';

/** Options of a unary call. */
export interface CallOptions {
  /** Cancels the call, such as an `AbortSignal`. The promise rejects with an `AbortError` whose `cause` is the signal's reason. */
  readonly signal?: Signal | undefined;
  /** The deadline in milliseconds from now. Default: the deadline of the client. */
  readonly deadlineMs?: number | undefined;
}

/** Options of a stream. */
export interface StreamOptions {
  /** Cancels the stream. Reading rejects with an `AbortError` whose `cause` is the signal's reason. */
  readonly signal?: Signal | undefined;
  /** Time limit of the whole stream in milliseconds. Default: unlimited (STREAM-7). */
  readonly deadlineMs?: number | undefined;
  /** Idle timeout of a pending read in milliseconds, or `Infinity`. Default: the timeout of the client. */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Milliseconds that `head` waits for the first chunk before it assumes 200 and `text/event-stream` (CLIENT-7). Set
   * it for a runtime without the capability `stream-head`, which sends nothing on an idle live stream. Default:
   * unlimited.
   */
  readonly assumeHeadAfterMs?: number | undefined;
  /** Maximum length of a server-sent event in characters. Default: 64 Mi. */
  readonly maxEventCharacters?: number | undefined;
}

/**
 * A client of a runtime. It connects on the first call, and reconnects with a limited back-off when the runtime is
 * unreachable (CLIENT-1). A process needs only one client per runtime.
 *
 * Calls reject with `RuntimeCallError` (a gRPC status), `DeadlineError`, `AbortError` or `ClientClosedError`. An HTTP
 * status of 400 or more does not cause an error. The client never retries a failed call, because only the caller knows
 * whether that is safe.
 */
export interface RuntimeClient extends AsyncDisposable {
  /**
   * Whether the client is connected now. False before the first call, and after a lost connection until a call
   * reconnects. Information about the runtime from the old connection may then be outdated.
   */
  readonly connected: boolean;
  /** Sends a JSON-RPC message, like POST. */
  invoke(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  /**
   * Opens a stream, like GET, or like POST with the capability `stream-post`. Reading the stream reports failures.
   * @throws ClientClosedError, or RangeError that names an invalid option
   */
  invokeStream(request: RuntimeRequest, options?: StreamOptions): RuntimeStream;
  /** Closes a session, like DELETE. */
  closeSession(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  /** Returns the health and the capabilities of the runtime. */
  healthCheck(options?: CallOptions): Promise<RuntimeHealth>;
  /**
   * Waits until the runtime accepts a connection and reports `ok` (LIFE-3), and returns that answer. The default
   * deadline is that of the client.
   * @throws DeadlineError of kind `ready`, with the result of the last attempt in its message
   */
  waitUntilReady(options?: CallOptions): Promise<RuntimeHealth>;
  /** Ends all calls with `ClientClosedError` and closes the connection. */
  close(): void;
}

/** The head of a streamed HTTP response. */
export interface StreamHead {
  /** The HTTP status. With 400 or more, the runtime refused the stream. */
  readonly status: number;
  /** Header fields by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the runtime sent the head (`sent`), or the contract's default applies (`assumed`). */
  readonly origin: 'sent' | 'assumed';
}

/**
 * An open stream. It has one reader. Iterate once over the stream itself for its bytes, over `events()` or over
 * `messages()`.
 *
 * Reading ends without error after the `done` chunk and gRPC OK, and after `cancel()`. It throws
 * `RefusedStreamError` for a refused stream, `TruncatedStreamError` (CLIENT-8), `RuntimeCallError` for another gRPC
 * status, `DeadlineError`, `AbortError`, `ClientClosedError`, `ContractViolationError`. Leaving the loop cancels the
 * RPC (CLIENT-11). While the stream has no reader, the client buffers little and applies back-pressure to the
 * runtime.
 *
 * If you do not read a stream to its end, cancel it or dispose of it (`await using`).
 */
export interface RuntimeStream extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /**
   * The head of the response from the first chunk, or 200 and `text/event-stream` by default (CLIENT-7). For a refused
   * stream, it resolves with a status of 400 or more. If the stream fails before its head arrives, it rejects with the
   * error that reading throws. It resolves even if nothing reads the stream.
   */
  readonly head: Promise<StreamHead>;
  /** The id of the last event with an id, to resume after, or "". Updated while events are read. */
  readonly lastEventId: string;
  /** The reconnection time that the stream requested, in milliseconds. Updated while events are read. */
  readonly retryMs: number | undefined;
  /** Yields the server-sent events, parsed from the concatenated chunks (CLIENT-10). */
  events(): AsyncGenerator<SseEvent, void, undefined>;
  /** Yields the JSON-RPC messages of `message` events, or the one message of an `application/json` body. */
  messages(): AsyncGenerator<JsonRpcMessage, void, undefined>;
  /** Cancels the RPC. Reading ends without an error. Safe to call at any time. */
  cancel(): void;
}
