/** The bounds of a runtime. Sizes in bytes, times in milliseconds. */
export interface RuntimeLimits {
  /** The largest request body (LIMIT-2). */
  readonly maxBodyBytes: number;
  /** Room for the other fields of a request message, beyond its body. */
  readonly maxEnvelopeBytes: number;
  /** How many sessions there may be at a time (SESSION-10). */
  readonly maxSessions: number;
  /** How long a session may be without use (SESSION-10). */
  readonly sessionIdleMs: number;
  /** How many requests of one session may be under way. */
  readonly maxRequestsPerSession: number;
  /** How many resources a session may subscribe to. */
  readonly maxSubscriptions: number;
  /** How many messages a session keeps for replay (RESUME-4). */
  readonly replayEvents: number;
  /** How large the messages kept for replay may be together (RESUME-4). */
  readonly replayBytes: number;
  /** How much may wait for the slow reader of a stream before the stream is ended (STREAM-11). */
  readonly streamBufferBytes: number;
  /** How much may wait for a reader before producers that can wait do so (STREAM-11). */
  readonly streamHighWaterBytes: number;
  /** How large the messages that precede the response of one `Invoke` may be together. */
  readonly collectedBytes: number;
  /** The largest piece of a stream in one chunk. */
  readonly chunkBytes: number;
  /** How often an idle stream says that it lives (STREAM-7). */
  readonly keepAliveMs: number;
  /** How long a second live stream waits for the first one to be given up before it is refused. */
  readonly takeoverMs: number;
  /** How long unary calls may go on after a stop (LIFE-9). */
  readonly drainMs: number;
}

const mebibyte = 1024 * 1024;

/** The bounds of a runtime that was given none. */
export const defaultLimits: RuntimeLimits = {
  maxBodyBytes: 4 * mebibyte,
  maxEnvelopeBytes: mebibyte,
  maxSessions: 10_000,
  sessionIdleMs: 30 * 60_000,
  maxRequestsPerSession: 1000,
  maxSubscriptions: 256,
  replayEvents: 1024,
  replayBytes: 4 * mebibyte,
  streamBufferBytes: 8 * mebibyte,
  streamHighWaterBytes: 256 * 1024,
  collectedBytes: 64 * mebibyte,
  chunkBytes: 256 * 1024,
  keepAliveMs: 15_000,
  takeoverMs: 250,
  drainMs: 5000,
};
