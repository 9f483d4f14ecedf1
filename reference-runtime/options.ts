const mebibyte = 1024 * 1024;

const limits = {
  /** Maximum size of a request body (LIMIT-2). */
  maxBodyBytes: 4 * mebibyte,
  /** Maximum size of a request message in addition to its body. */
  maxEnvelopeBytes: mebibyte,
  /** Maximum number of concurrent sessions (SESSION-10). */
  maxSessions: 10_000,
  /** Maximum number of concurrent sessions of one caller with an identity (SESSION-11). */
  maxSessionsPerCaller: 1000,
  /** Time after which an idle session ends (SESSION-10). */
  sessionIdleMs: 30 * 60_000,
  /** Maximum number of requests in flight per session. */
  maxRequestsPerSession: 1000,
  /** Maximum number of resource subscriptions per session. */
  maxSubscriptions: 256,
  /** Maximum number of resource subscriptions of one caller with an identity, in all of its sessions (MCP-18). */
  maxSubscriptionsPerCaller: 4096,
  /** Maximum number of resource subscriptions of all callers (MCP-18). */
  maxSubscriptionsInTotal: 40_960,
  /** Maximum length of the URI of a subscription, in bytes (MCP-18). */
  maxSubscribedUriBytes: 8192,
  /** Maximum number of events that a session keeps for replay (RESUME-4). */
  replayEvents: 1024,
  /** Maximum total size of the events that a session keeps for replay (RESUME-4). */
  replayBytes: 4 * mebibyte,
  /** Number of unread bytes at which a stream fails (STREAM-11). */
  streamBufferBytes: 8 * mebibyte,
  /** Number of unread bytes at which back-pressure begins (STREAM-11). */
  streamHighWaterBytes: 256 * 1024,
  /** Maximum total size of the messages before the response of one `Invoke`. */
  collectedBytes: 64 * mebibyte,
  /** Maximum number of data bytes in one chunk. */
  chunkBytes: 256 * 1024,
  /** Interval of keep-alive comments on an idle stream (STREAM-7). */
  keepAliveMs: 15_000,
  /** Time that a second reader of the live stream waits for the first one to end before its call is refused. */
  takeoverMs: 250,
  /** Time after which a stream begins although its request has not sent anything, in MCP 2026-07-28. */
  headDelayMs: 250,
  /** Maximum number of concurrent subscriptions in MCP 2026-07-28. */
  maxListens: 1024,
  /** Maximum number of concurrent subscriptions of one caller in MCP 2026-07-28. */
  maxListensPerCaller: 256,
  /** Lifetime of the request state of a question in MCP 2026-07-28, in whole seconds. */
  requestStateMs: 10 * 60_000,
  /** Time limit for unary calls in flight at shutdown (LIFE-9). */
  drainMs: 5000,
};

/** The limits of a runtime. Sizes are in bytes, times in milliseconds. */
export type RuntimeLimits = Readonly<typeof limits>;

/** Default limits. */
export const defaultLimits: RuntimeLimits = limits;

/** Writes structured log lines. The runtime never logs credentials or bodies. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
