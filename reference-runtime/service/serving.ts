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

/** How a runtime serves calls, whatever carries them. */
export const servingHooks = {
  ...callHooks,
  /** The answer to HealthCheck (HEALTH-1 to -6). */
  health: (state: HealthState): HealthState => state,
};
/** The replaceable behaviours of every server. */
export type ServingHooks = typeof servingHooks;

/** What a server needs, whatever its transport. */
export interface Serving<Hooks extends ServingHooks = ServingHooks> {
  readonly service: McpService;
  readonly hooks: Hooks;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
  /** The unary calls in flight. */
  readonly calls: InFlight;
  /** The state of the runtime; `stopping` refuses every call but HealthCheck. */
  health(): HealthState;
}

/**
 * Reads a call of a runtime that is not stopping.
 * @param request makes the request message
 * @throws CallRefused
 */
export function acceptCall(
  { hooks, health }: Serving,
  rpc: RequestRpc,
  request: () => McpRequest,
  signal: AbortSignal,
): Call {
  if (health().status !== 'ok') throw new CallRefused('UNAVAILABLE', 'The runtime is stopping');
  return readCall(rpc, request(), signal, hooks);
}

/** Logs a failure that nobody foresaw: its stack for the log, nothing of it for callers (ERROR-3). */
export function logUnexpected(logger: Logger, error: unknown): void {
  logger.error({ error: error instanceof Error ? error.stack : typeof error }, 'a call failed unexpectedly');
}
