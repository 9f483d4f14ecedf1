import type { ServerInterceptor, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { ServerInterceptingCall } from '@grpc/grpc-js';

/** A call as it arrives, unary or a stream. */
export type IncomingCall = ServerUnaryCall<Uint8Array, unknown> | ServerWritableStream<Uint8Array, unknown>;

/** Shared: grpc-js reports the end of every call as a cancellation, and an error for each would cost more than the rest. */
const ended = new Error('The call has ended');

/** A signal that aborts when a call is cancelled, its connection ends or its deadline passes (DEADLINE-1, -2). */
export function callSignal(call: IncomingCall): AbortSignal {
  const controller = new AbortController();
  if (call.cancelled) controller.abort(ended);
  else call.once('cancelled', () => controller.abort(ended));
  return controller.signal;
}

/** How much earlier than the clock a timer may fire. Milliseconds. */
const timerLeadMs = 2;

/**
 * Keeps grpc-js from going on with calls that have ended (DEADLINE-1, DEADLINE-2), in two ways.
 *
 * grpc-js hands a call over when its caller half-closes it, even if the call has ended, and would not report the end to
 * the handler afterwards. The listener of an interceptor passes nothing on once a call has ended.
 *
 * At the deadline grpc-js ends a stream behind the messages that still wait to be written. A message written after that
 * is an error that keeps the stream open for ever, without a status: the interceptor drops messages past the deadline.
 */
export const leaveEndedCalls: ServerInterceptor = (_method, call) => {
  const deadline = Number(call.getDeadline());
  return new ServerInterceptingCall(call, {
    sendMessage: (message, next) => {
      if (Date.now() + timerLeadMs < deadline) next(message);
    },
  });
};

/** A passed deadline that is closer than this may be a short timeout rather than an overflow. Milliseconds. */
const minOverflowMs = 50;

/**
 * Honours deadlines that are more than 24 days away (RPC-17). grpc-js counts milliseconds in 32 bits: a longer timeout
 * overflows, and a negative result passes at once. No runtime lives long enough to see such a deadline pass, so the
 * call gets none.
 *
 * Nothing public of grpc-js reaches this timer. The constructor of a call starts it before the first interceptor runs;
 * it ends the call below all interceptors, so that none can drop its status; and no option of the server limits or
 * disables it. The two private members are the only way.
 */
function keepLongDeadline(call: Parameters<ServerInterceptor>[1]): void {
  if (Number(call.getDeadline()) >= Date.now() - minOverflowMs) return;
  clearTimeout(Reflect.get(call, 'deadlineTimer'));
  Reflect.set(call, 'deadline', Number.POSITIVE_INFINITY);
}

/** Guards calls in both ways. One interceptor instead of two: each adds a layer that every message passes. */
export const guardCalls: ServerInterceptor = (method, call) => {
  keepLongDeadline(call);
  return leaveEndedCalls(method, call);
};
