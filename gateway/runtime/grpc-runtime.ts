import { createRuntimeClient, type RuntimeClient, type RuntimePlace } from '../../client/index.ts';
import { defaultGatewayLimits, type GatewayLimits } from '../options.ts';

/**
 * Creates a gRPC connection to a runtime. It connects on the first call, so the socket need not exist yet.
 * @throws TypeError or RangeError for an invalid place
 */
export function grpcRuntime(place: RuntimePlace, limits: Partial<GatewayLimits> = {}): RuntimeClient {
  return createRuntimeClient({
    ...place,
    // The gateway itself waits for an unreachable runtime before it sends a call.
    waitForRuntime: false,
    // Retries on a local socket are cheap, and callers are waiting.
    backoff: { initialMs: 20, maxMs: 250 },
    maxReceiveBytes: limits.maxAnswerBytes ?? defaultGatewayLimits.maxAnswerBytes,
    deadlineMs: limits.callMs,
  });
}
