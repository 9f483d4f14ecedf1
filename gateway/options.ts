import type { Registry } from 'prom-client';
import { withDefaults } from '../base/with-defaults.ts';
import type { IdentityOptions } from './authentication/authenticator.ts';
import type { Fallback } from './fallback.ts';
import type { RuntimeConnection } from './runtime/runtime-connection.ts';

/** A log, such as pino's. */
export interface GatewayLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What a gateway is made of. */
export interface GatewayOptions extends IdentityOptions {
  /** The runtime, reached by `grpcRuntime` or `httpRuntime`; the gateway closes it. */
  readonly runtime: RuntimeConnection;
  /** The hosts that this gateway answers to, without port; `*` is any. Default: those of this machine itself. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins whose pages may call, besides those on an allowed host; `*` is any. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Takes what the runtime does not serve; without one that is answered 404, 405 or 501. */
  readonly fallback?: Fallback | undefined;
  /** Whether the fallback also takes calls while the runtime is not there. Default: false, they are answered 502. */
  readonly fallbackWhenDown?: boolean | undefined;
  readonly limits?: Partial<GatewayLimits> | undefined;
  /** Where the gateway's metrics are registered. Default: a registry of its own. */
  readonly registry?: Registry | undefined;
  /** Gets the reasons for failures, which callers do not see. Default: none. */
  readonly logger?: GatewayLogger | undefined;
}

const mebibyte = 1024 * 1024;

const limits = {
  /** The largest request body; a larger one is answered 413. Default: 4 MiB. */
  maxBodyBytes: 4 * mebibyte,
  /** The largest answer that is accepted in one piece, after inflation; a larger one becomes 502. Default: 128 MiB. */
  maxAnswerBytes: 128 * mebibyte,
  /** The deadline of a call, and of the head of a stream (CLIENT-2). Default: 60 000. */
  callMs: 60_000,
  /** How long a stream may be silent before it is given up; a stream has no limit of total time. Default: 300 000. */
  streamIdleMs: 300_000,
  /** How long a call waits for a runtime that is not there; below 400 a runtime that returns may be missed. Default: 2000. */
  connectMs: 2000,
  /** How long a stream without the capability `stream-head` may be quiet before it is taken for 200. Default: 500. */
  quietHeadMs: 500,
  /** How long calls may go on when the gateway stops. Default: 5000. */
  drainMs: 5000,
};

/** The limits of a gateway. Sizes in bytes, times in milliseconds. */
export type GatewayLimits = Readonly<typeof limits>;

/** Default limits. */
export const defaultGatewayLimits: GatewayLimits = limits;

/** Fills in the defaults. @throws RangeError naming the limit that is wrong */
export function resolveLimits(given: Partial<GatewayLimits> = {}): GatewayLimits {
  const resolved = withDefaults(defaultGatewayLimits, given);
  for (const [name, value] of Object.entries(resolved)) {
    // Node's timers end at 2^31-1 ms.
    if (!Number.isFinite(value) || value <= 0 || value > 2_147_483_647) {
      throw new RangeError(`limits.${name} must be above 0 and at most 2147483647, not ${value}`);
    }
  }
  return resolved;
}
