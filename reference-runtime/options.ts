import type { Catalog, CatalogName } from './catalog/catalog.ts';
import type { AnonymousPolicy } from './identity/caller.ts';

const mebibyte = 1024 * 1024;

const limits = {
  /** The largest request body (LIMIT-2). */
  maxBodyBytes: 4 * mebibyte,
  /** Room for the other fields of a request message, beyond its body. */
  maxEnvelopeBytes: mebibyte,
  /** How many sessions there may be at a time (SESSION-10). */
  maxSessions: 10_000,
  /** How long a session may be without use (SESSION-10). */
  sessionIdleMs: 30 * 60_000,
  /** How many requests of one session may be in flight. */
  maxRequestsPerSession: 1000,
  /** How many resources a session may subscribe to. */
  maxSubscriptions: 256,
  /** How many messages a session keeps for replay (RESUME-4). */
  replayEvents: 1024,
  /** How large the messages kept for replay may be together (RESUME-4). */
  replayBytes: 4 * mebibyte,
  /** How many bytes may wait for a slow reader before its stream fails (STREAM-11). */
  streamBufferBytes: 8 * mebibyte,
  /** How many bytes may wait for a reader before back-pressure holds producers (STREAM-11). */
  streamHighWaterBytes: 256 * 1024,
  /** How large the messages that precede the response of one `Invoke` may be together. */
  collectedBytes: 64 * mebibyte,
  /** The largest piece of a stream in one chunk. */
  chunkBytes: 256 * 1024,
  /** How often an idle stream sends a keep-alive comment (STREAM-7). */
  keepAliveMs: 15_000,
  /** How long a second live stream waits for the end of the first one before it is refused. */
  takeoverMs: 250,
  /** How long unary calls may go on after a stop (LIFE-9). */
  drainMs: 5000,
};

/** The limits of a runtime. Sizes in bytes, times in milliseconds. */
export type RuntimeLimits = Readonly<typeof limits>;

/** Default limits. */
export const defaultLimits: RuntimeLimits = limits;

/** Writes structured log lines: fields, then a message. It never gets credentials or bodies. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

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
