import type { Signal } from '../../base/signal.ts';
import { around, type Bytes, streams, unaryOptions } from '../faults/changes/gateway.ts';
import type { GatewayChange } from '../harness/fault.ts';

const hourMs = 3_600_000;

const withoutSignal = <Options extends { readonly signal?: Signal | undefined }>(
  options: Options | undefined,
): Options | undefined => (options === undefined ? options : { ...options, signal: undefined });

/** Hides the iterator's `return` method, so that reading continues after the caller disconnects. */
function detached(bytes: Bytes): Bytes {
  const inner = bytes[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => inner.next() }) };
}

const patientStreams = streams({ options: withoutSignal, cancel: () => undefined, bytes: detached });
const patientCalls = unaryOptions(withoutSignal);

/**
 * Turns our gateway into one that never gives up: it ignores callers that disconnect, its deadlines never pass, and it
 * waits for an unreachable runtime.
 */
export const patientGateway: GatewayChange = {
  options: { limits: { callMs: hourMs, connectMs: hourMs } },
  connection: (inner, httpOf) => {
    const calls = patientCalls.connection?.(inner, httpOf) ?? inner;
    const { invokeStream } = patientStreams.connection?.(inner, httpOf) ?? inner;
    return around(calls, { invokeStream });
  },
};
