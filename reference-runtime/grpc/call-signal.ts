import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';

/** A signal that aborts when a call is cancelled, its connection ends or its deadline passes (DEADLINE-1, -2). */
export function callSignal(
  call: ServerUnaryCall<Uint8Array, unknown> | ServerWritableStream<Uint8Array, unknown>,
): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort();
  else call.once('cancelled', () => controller.abort());
  return controller.signal;
}
