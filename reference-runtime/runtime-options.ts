import type { Catalog, CatalogName } from './catalog/catalog.ts';
import type { ServerFactory } from './hosting/hosted-server.ts';
import type { StdioServer } from './hosting/stdio-server.ts';
import type { AnonymousPolicy } from './identity/caller.ts';
import type { Logger, RuntimeLimits } from './options.ts';

/** The division of MCP work between the runtime and its gateway (HEALTH-2). */
export type RuntimeMode = 'off' | 'shadow' | 'edge' | 'full';

/** The capabilities of this implementation (HEALTH-4). */
export const runtimeCapabilities = ['stream-head', 'stream-post', 'resume'] as const;

/** The capability of a runtime that also serves the revision without sessions. Hosted servers do not have it. */
export const modernCapability = 'mcp-2026-07-28';

/** Options for a runtime. All of them have defaults. */
export interface RuntimeOptions {
  /**
   * The MCP server to serve, instead of a catalog: a function that creates the server of a session, or `stdioServer`.
   */
  readonly server?: ServerFactory | StdioServer;
  /** The catalog to serve, or the name of a built-in one. Default: `conformance`. */
  readonly catalog?: CatalogName | Catalog;
  /** The mode that HealthCheck reports. Default: `full`. */
  readonly mode?: RuntimeMode;
  /** The version that HealthCheck and `initialize` report. Default: `0.0.0`. */
  readonly version?: string;
  /** How the runtime treats anonymous callers (AUTH-6). Default: `isolate`. */
  readonly anonymous?: AnonymousPolicy;
  /**
   * The secret that protects request state in MCP 2026-07-28, at least 32 bytes. Instances with the same secret accept
   * each other's state, also after a restart. Default: a random secret, so that state ends with the runtime.
   */
  readonly requestStateKey?: Uint8Array;
  readonly limits?: Partial<RuntimeLimits>;
  /** The logger. Default: no logging. */
  readonly logger?: Logger;
}

/** Options for closing a runtime. */
export interface CloseOptions {
  /** Milliseconds that unary calls in flight may take (LIFE-9). Default: `limits.drainMs` of the runtime. */
  readonly drainMs?: number;
}
