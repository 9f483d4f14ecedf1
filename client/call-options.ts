/** Options of one unary call. */
export interface CallOptions {
  /** Cancels the call; the promise rejects with an `AbortError` whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal;
  /** The deadline, in milliseconds from now. Default: that of the client. */
  readonly deadlineMs?: number;
}

/** Options of one stream. */
export interface StreamOptions {
  /** Cancels the stream; reading it rejects with an `AbortError` whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal;
  /** A limit for the whole stream, in milliseconds. Default: none (STREAM-7). */
  readonly deadlineMs?: number;
  /** How long the stream may be silent while somebody waits, in milliseconds, or `Infinity`. Default: the client's. */
  readonly idleTimeoutMs?: number;
  /**
   * How long `head` waits for a first chunk, in milliseconds, before it assumes 200 and `text/event-stream`
   * (CLIENT-7): a runtime without the capability `stream-head` sends nothing on a quiet live stream. Default: `head`
   * waits.
   */
  readonly assumeHeadAfterMs?: number;
  /** The largest server-sent event, in characters. Default: 64 Mi. */
  readonly maxEventCharacters?: number;
}
