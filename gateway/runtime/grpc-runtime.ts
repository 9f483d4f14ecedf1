import { createRuntimeClient, type RuntimeClient, type RuntimePlace } from '../../client/index.ts';
import { defaultGatewayLimits, type GatewayLimits } from '../options.ts';

/**
 * Reaches a runtime by gRPC. Nothing is sent before the first call, and the socket need not exist.
 * @throws TypeError or RangeError for a place that cannot be one
 */
export function grpcRuntime(place: RuntimePlace, limits: Partial<GatewayLimits> = {}): RuntimeClient {
  return createRuntimeClient({
    ...place,
    // The gateway itself waits for a runtime that is not there, before anything of a call is sent.
    waitForRuntime: false,
    // A socket on the same machine: trying costs next to nothing, and callers wait.
    backoff: { initialMs: 20, maxMs: 250 },
    maxReceiveBytes: limits.maxAnswerBytes ?? defaultGatewayLimits.maxAnswerBytes,
    deadlineMs: limits.callMs,
    streamIdleTimeoutMs: limits.streamIdleMs,
  });
}
