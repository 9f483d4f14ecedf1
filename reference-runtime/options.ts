import type { Catalog, CatalogName } from './catalog/catalog.ts';
import type { AnonymousPolicy } from './identity/caller.ts';

/** The limits of a runtime. Sizes in bytes, times in milliseconds. */
export interface RuntimeLimits {
  /** The largest request body (LIMIT-2). */
  readonly maxBodyBytes: number;
  /** Room for the other fields of a request message, beyond its body. */
  readonly maxEnvelopeBytes: number;
  /** How many sessions there may be at a time (SESSION-10). */
  readonly maxSessions: number;
  /** How long a session may be without use (SESSION-10). */
  readonly sessionIdleMs: number;
  /** How many requests of one session may be in flight. */
  readonly maxRequestsPerSession: number;
  /** How many resources a session may subscribe to. */
  readonly maxSubscriptions: number;
  /** How many messages a session keeps for replay (RESUME-4). */
  readonly replayEvents: number;
  /** How large the messages kept for replay may be together (RESUME-4). */
  readonly replayBytes: number;
  /** How many bytes may wait for a slow reader before its stream fails (STREAM-11). */
  readonly streamBufferBytes: number;
  /** How many bytes may wait for a reader before back-pressure holds producers (STREAM-11). */
  readonly streamHighWaterBytes: number;
  /** How large the messages that precede the response of one `Invoke` may be together. */
  readonly collectedBytes: number;
  /** The largest piece of a stream in one chunk. */
  readonly chunkBytes: number;
  /** How often an idle stream sends a keep-alive comment (STREAM-7). */
  readonly keepAliveMs: number;
  /** How long a second live stream waits for the end of the first one before it is refused. */
  readonly takeoverMs: number;
  /** How long unary calls may go on after a stop (LIFE-9). */
  readonly drainMs: number;
}

const mebibyte = 1024 * 1024;

/** Default limits. */
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

/** Writes structured log lines: fields, then a message. It never gets credentials or bodies. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = () => undefined;

/** A logger that writes nothing: the default of a runtime that is used as a library. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** How much of MCP a runtime takes over from its gateway (HEALTH-2). */
export type RuntimeMode = 'off' | 'shadow' | 'edge' | 'full';

/** The optional surfaces that this implementation serves (HEALTH-4). */
export const runtimeCapabilities = ['stream-head', 'stream-post', 'resume'] as const;

/** What a runtime is made of. Everything has a default. */
export interface RuntimeOptions {
  /** The catalog to serve: the name of one that comes with the runtime, or your own. Default: `conformance`. */
  readonly catalog?: CatalogName | Catalog;
  /** Default: `full`. */
  readonly mode?: RuntimeMode;
  /** The version that HealthCheck and `initialize` name. Default: `0.0.0`. */
  readonly version?: string;
  /** How to treat callers without identity (AUTH-6). Default: `isolate`. */
  readonly anonymous?: AnonymousPolicy;
  readonly limits?: Partial<RuntimeLimits>;
  /** Default: a logger that writes nothing. */
  readonly logger?: Logger;
}

/** How a runtime is closed. */
export interface CloseOptions {
  /** How long unary calls may go on, in milliseconds (LIFE-9). Default: the limit of the runtime. */
  readonly drainMs?: number;
}
