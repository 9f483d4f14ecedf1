import type { JsonRpcMessage } from './json-rpc.ts';
import type { RuntimeHealth, RuntimeRequest, RuntimeResponse } from './messages.ts';
import type { SseEvent } from './sse-parser.ts';

/** Options of one unary call. */
export interface CallOptions {
  /** Cancels the call; the promise rejects with an `AbortError` whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The deadline, in milliseconds from now. Default: that of the client. */
  readonly deadlineMs?: number | undefined;
}

/** Options of one stream. */
export interface StreamOptions {
  /** Cancels the stream; reading it rejects with an `AbortError` whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** A limit for the whole stream, in milliseconds. Default: none (STREAM-7). */
  readonly deadlineMs?: number | undefined;
  /** How long the stream may be silent while somebody waits, in milliseconds, or `Infinity`. Default: the client's. */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * How long `head` waits for a first chunk, in milliseconds, before it assumes 200 and `text/event-stream` (CLIENT-7):
   * a runtime without the capability `stream-head` sends nothing on a quiet live stream. Default: `head` waits.
   */
  readonly assumeHeadAfterMs?: number | undefined;
  /** The largest server-sent event, in characters. Default: 64 Mi. */
  readonly maxEventCharacters?: number | undefined;
}

/**
 * The calling side of the contract. It connects with the first call, and again, with a capped back-off, whenever the
 * runtime was not there or went away (CLIENT-1): one client serves for the life of its process.
 *
 * Calls reject with `RuntimeCallError` (a gRPC status), `DeadlineError`, `AbortError` or `ClientClosedError`; an HTTP
 * status of 400 or more is an answer and comes as data. The client never retries a failed call: only the caller knows
 * whether that is safe.
 */
export interface RuntimeClient extends AsyncDisposable {
  /**
   * Whether there is a connection right now. False before the first call, and after the connection broke until a call
   * makes another one: what was learned of the runtime over the old one may hold no longer.
   */
  readonly connected: boolean;
  /** Sends a JSON-RPC message, as POST does. */
  invoke(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  /**
   * Opens a stream, as GET does; with the capability `stream-post` also as POST. Failures show when it is read.
   * @throws ClientClosedError; RangeError naming the option that is wrong
   */
  invokeStream(request: RuntimeRequest, options?: StreamOptions): RuntimeStream;
  /** Ends a session, as DELETE does. */
  closeSession(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  /** Asks for the runtime's health and capabilities. */
  healthCheck(options?: CallOptions): Promise<RuntimeHealth>;
  /**
   * Waits until the runtime accepts a connection and says it is `ok` (LIFE-3), and returns that answer. The default
   * deadline is the client's.
   * @throws DeadlineError of kind `ready` whose message says what the last attempt met
   */
  waitUntilReady(options?: CallOptions): Promise<RuntimeHealth>;
  /** Ends all calls with `ClientClosedError`, then the connection. */
  close(): void;
}

/** The head of a stream's HTTP response. */
export interface StreamHead {
  /** The HTTP status; 400 or more: the stream was refused. */
  readonly status: number;
  /** Header fields; names in lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the runtime said so (`sent`), or nothing did and the contract's default holds (`assumed`). */
  readonly origin: 'sent' | 'assumed';
}

/**
 * An open stream. It has one reader: iterate the stream itself for its bytes, or `events()`, or `messages()`, once.
 *
 * Reading ends without error after the `done` chunk and gRPC OK, and after `cancel()`. It throws `RefusedStreamError`
 * for a refused stream, `TruncatedStreamError` (CLIENT-8), `RuntimeCallError` for another gRPC status, `DeadlineError`,
 * `AbortError`, `ClientClosedError`, `ContractViolationError`. Leaving the loop cancels the RPC (CLIENT-11). While
 * the stream has no reader, the client buffers little and applies back-pressure to the runtime.
 *
 * A stream that is not read to its end has to be cancelled or disposed of (`await using`).
 */
export interface RuntimeStream extends AsyncIterable<Uint8Array>, AsyncDisposable {
  /**
   * The head of the response: what the runtime says with its first chunk, else 200 and `text/event-stream` (CLIENT-7).
   * A refused stream resolves it too, with its status of 400 or more. Rejects as reading does when the stream fails
   * before that. Reading need not have begun.
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
