import { checkedSocketPath } from '../../client/client-options.ts';
import { createRuntimeClient, type RuntimePlace } from '../../client/index.ts';
import { type GatewayLimits, resolveLimits } from '../options.ts';
import { Http2Runtime } from './http2/http2-runtime.ts';
import type { RuntimeConnection } from './runtime-connection.ts';

/**
 * Creates a gRPC connection to a runtime. It connects on the first call, so the socket need not exist yet.
 * @throws TypeError or RangeError for an invalid place
 */
export function grpcRuntime(place: RuntimePlace, limits: Partial<GatewayLimits> = {}): RuntimeConnection {
  const resolved = resolveLimits(limits);
  if ('socketPath' in place) return new Http2Runtime(checkedSocketPath(place.socketPath), resolved);
  return createRuntimeClient({
    ...place,
    // The gateway itself waits for an unreachable runtime before it sends a call.
    waitForRuntime: false,
    // Retries on a local socket are cheap, and callers are waiting.
    backoff: { initialMs: 20, maxMs: 250 },
    maxReceiveBytes: resolved.maxAnswerBytes,
    deadlineMs: resolved.callMs,
  });
}
