import type { Registry } from 'prom-client';
import type { AnonymousPolicy, Authenticator } from './authentication/authenticator.ts';
import type { Fallback } from './fallback/fallback.ts';
import type { GatewayLimits } from './limits.ts';
import type { RuntimeConnection } from './runtime/runtime-connection.ts';

/** What is told to a log, such as pino's. */
export interface GatewayLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What a gateway is made of. */
export interface GatewayOptions {
  /** The runtime, reached by `grpcRuntime` or `httpRuntime`; the gateway closes it. */
  readonly runtime: RuntimeConnection;
  /** What is done for callers without identity. It has no default: somebody has to decide. */
  readonly anonymous: AnonymousPolicy;
  /** Establishes who calls. Without one, every caller is without identity. */
  readonly authenticator?: Authenticator;
  /** The hosts that this gateway answers to, without port; `*` is any. Default: those of this machine itself. */
  readonly allowedHosts?: readonly string[];
  /** Origins whose pages may call, besides those on an allowed host; `*` is any. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** Takes what the runtime does not serve; without one that is answered 404, 405 or 501. */
  readonly fallback?: Fallback;
  /** Whether the fallback also takes calls while the runtime is not there. Default: false, they are answered 502. */
  readonly fallbackWhenDown?: boolean;
  readonly limits?: Partial<GatewayLimits>;
  /** Where the gateway's metrics are registered. Default: a registry of its own. */
  readonly registry?: Registry;
  /** Told why calls fail, which callers are not. Default: nobody is. */
  readonly logger?: GatewayLogger;
}
