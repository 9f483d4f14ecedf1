import { type StatusObject, status } from '@grpc/grpc-js';
import { DeadlineError, RuntimeCallError, type RuntimeClientError } from './errors.ts';

/** The error for a gRPC status other than OK. `call` names the RPC, for the message. */
export function callFailure(
  call: string,
  failed: Pick<StatusObject, 'code' | 'details'>,
): RuntimeClientError {
  if (failed.code === status.DEADLINE_EXCEEDED) {
    return new DeadlineError('call', `the deadline of ${call} passed before its answer was complete`);
  }
  return new RuntimeCallError(call, failed.code, failed.details);
}

/** Runs `onAbort` once when the signal fires; the result takes the listener away again. */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const handle = () => listener(signal.reason);
  signal.addEventListener('abort', handle, { once: true });
  return () => signal.removeEventListener('abort', handle);
}
