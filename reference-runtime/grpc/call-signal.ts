import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';

/** A call as it arrives, unary or a stream. */
export type IncomingCall = ServerUnaryCall<Uint8Array, unknown> | ServerWritableStream<Uint8Array, unknown>;

/** A signal that aborts when a call is cancelled, its connection ends or its deadline passes (DEADLINE-1, -2). */
export function callSignal(call: IncomingCall): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort();
  else call.once('cancelled', () => controller.abort());
  return controller.signal;
}
