import type { Signal } from '../../base/signal.ts';
import type { McpRequest, RequestRpc } from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import { type Call, callHooks, readCall } from '../http/call.ts';
import type { InFlight } from '../in-flight.ts';
import type { Logger, RuntimeLimits } from '../options.ts';
import type { McpService } from './service.ts';

/** The answer to HealthCheck. */
export interface HealthState {
  readonly status: 'ok' | 'stopping';
  readonly mode: string;
  readonly version: string;
  readonly capabilities: readonly string[];
}

/** Hooks that all transports share. */
export const servingHooks = {
  ...callHooks,
  /** Returns the answer to HealthCheck (HEALTH-1 to -6). */
  health: (state: HealthState): HealthState => state,
};
export type ServingHooks = typeof servingHooks;

/** Handles the calls of all transports. */
export type Service = Pick<McpService, 'invoke' | 'openStream' | 'closeSession'>;

/** The dependencies of a server, independent of its transport. */
export interface Serving<Hooks extends ServingHooks = ServingHooks> {
  readonly service: Service;
  readonly hooks: Hooks;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
  /** The unary calls in flight. */
  readonly calls: InFlight;
  /** Returns the state of the runtime. In the state `stopping`, it refuses all calls except HealthCheck. */
  health(): HealthState;
}

/**
 * Validates a call.
 * @param request returns the request message
 * @throws CallRefused for an invalid request, and for every call while the runtime is stopping
 */
export function acceptCall(
  { hooks, health }: Serving,
  rpc: RequestRpc,
  request: () => McpRequest,
  signal: Signal,
): Call {
  if (health().status !== 'ok') throw new CallRefused('UNAVAILABLE', 'The runtime is stopping');
  return readCall(rpc, request(), signal, hooks);
}

/** Logs the stack of an unexpected failure. Callers do not see it (ERROR-3). */
export function logUnexpected(logger: Logger, error: unknown): void {
  logger.error({ error: error instanceof Error ? error.stack : typeof error }, 'a call failed unexpectedly');
}
