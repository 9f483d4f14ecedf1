import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';

/** A call as it arrives, unary or a stream. */
export type IncomingCall = ServerUnaryCall<Uint8Array, unknown> | ServerWritableStream<Uint8Array, unknown>;

/** One for all: gRPC tells the end of every call in this way, and to make an error each time takes longer than the rest. */
const ended = new Error('The call has ended');

/** A signal that aborts when a call is cancelled, its connection ends or its deadline passes (DEADLINE-1, -2). */
export function callSignal(call: IncomingCall): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort(ended);
  else call.once('cancelled', () => controller.abort(ended));
  return controller.signal;
}
