import type { Registry } from 'prom-client';
import { withDefaults } from '../base/with-defaults.ts';
import type { RefusalRecord } from './audit.ts';
import type { IdentityOptions } from './authentication/authenticator.ts';
import type { Fallback } from './fallback.ts';
import type { ProtectedResource } from './resource-metadata.ts';
import type { RuntimeConnection } from './runtime/runtime-connection.ts';

/** A logger, such as pino. */
export interface GatewayLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Options of a gateway. */
export interface GatewayOptions extends IdentityOptions {
  /** The connection to the runtime, from `grpcRuntime` or `httpRuntime`. The gateway closes it. */
  readonly runtime: RuntimeConnection;
  /** Allowed hosts, usually without a port. `*` matches any host. Default: the loopback names. */
  readonly allowedHosts?: readonly string[] | undefined;
  /**
   * Allowed origins, in addition to the origin of the gateway itself. Their pages may also read answers (CORS). `*`
   * matches any origin. Default: none.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Handles requests that the runtime does not serve. Without it, they are answered with 404, 405 or 501. */
  readonly fallback?: Fallback | undefined;
  /**
   * Whether the fallback also handles calls while the runtime is unreachable. Default: false, which answers with
   * 502.
   */
  readonly fallbackWhenDown?: boolean | undefined;
  readonly limits?: Partial<GatewayLimits> | undefined;
  /** Serves the metadata of RFC 9728, and names them in challenges. Default: no metadata. */
  readonly resource?: ProtectedResource | undefined;
  /** Receives every refusal, for an audit log. Default: no audit log. */
  readonly audit?: ((record: RefusalRecord) => void) | undefined;
  /** The registry for the metrics of the gateway. Default: a new one. */
  readonly registry?: Registry | undefined;
  /** Receives the reasons for failures, which callers do not see. Default: no logging. */
  readonly logger?: GatewayLogger | undefined;
}

const mebibyte = 1024 * 1024;

const limits = {
  /** Maximum size of a request body. A larger one is answered with 413. Default: 4 MiB. */
  maxBodyBytes: 4 * mebibyte,
  /** Maximum decompressed size of a unary answer. A larger one becomes 502. Default: 128 MiB. */
  maxAnswerBytes: 128 * mebibyte,
  /** The deadline of a unary call, and the time limit for the head of a stream (CLIENT-2). Default: 60 000. */
  callMs: 60_000,
  /** Time without data after which the gateway checks that the runtime of a stream is alive. Default: 300 000. */
  streamIdleMs: 300_000,
  /** Time without data after which the gateway sends a comment to the caller of a stream of events. Default: 15 000. */
  streamCommentMs: 15_000,
  /**
   * Time that a call waits for an unreachable runtime. With less than 400, a call may fail before the gateway notices
   * that the runtime has restarted. Default: 2000.
   */
  connectMs: 2000,
  /**
   * Time without data after which the gateway assumes status 200 for a stream. Used without the capability
   * `stream-head`. Default: 500.
   */
  quietHeadMs: 500,
  /** Maximum number of calls in flight of one caller, including streams. Default: 2000. */
  maxCallsPerCaller: 2000,
  /** Maximum requests per second of one caller, averaged over ten seconds. Default: 100 000. */
  maxRatePerCaller: 100_000,
  /** Time limit for calls in flight when the gateway stops. Default: 5000. */
  drainMs: 5000,
};

/** The limits of a gateway. Sizes are in bytes, times in milliseconds. */
export type GatewayLimits = Readonly<typeof limits>;

/** Default limits. */
export const defaultGatewayLimits: GatewayLimits = limits;

/** Adds the defaults to limits. @throws RangeError that names an invalid limit */
export function resolveLimits(given: Partial<GatewayLimits> = {}): GatewayLimits {
  const resolved = withDefaults(defaultGatewayLimits, given);
  for (const [name, value] of Object.entries(resolved)) {
    // Longer timers overflow in Node.
    if (!Number.isFinite(value) || value <= 0 || value > 2_147_483_647) {
      throw new RangeError(`limits.${name} must be above 0 and at most 2147483647, not ${value}`);
    }
  }
  return resolved;
}
