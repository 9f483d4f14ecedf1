import type { ServerHttp2Stream } from 'node:http2';
import type { ServerInterceptor, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { ServerInterceptingCall } from '@grpc/grpc-js';
import { PlainSignal, type Signal } from '../../base/signal.ts';
import { trackStream } from '../http2/client-connection.ts';

/** An incoming call, unary or streaming. */
export type IncomingCall = ServerUnaryCall<Uint8Array, unknown> | ServerWritableStream<Uint8Array, unknown>;

/**
 * All calls share this error, because grpc-js cancels every ended call and creating an error each time is expensive.
 */
const ended = new Error('The call has ended');

/** Returns a signal that aborts on a cancellation, a lost connection or a passed deadline (DEADLINE-1, -2). */
export function callSignal(call: IncomingCall): Signal {
  const signal = new PlainSignal();
  if (call.cancelled) signal.abort(ended);
  else call.once('cancelled', () => signal.abort(ended));
  return signal;
}

/** The number of milliseconds by which a timer may fire early. */
const timerLeadMs = 2;

/**
 * Stops grpc-js from continuing calls that have ended (DEADLINE-1, DEADLINE-2). It has two effects.
 *
 * grpc-js passes a half-closed call to its handler even if the call has already ended, and then never reports the end.
 * The presence of an interceptor prevents this, because its listener ignores ended calls.
 *
 * At the deadline, grpc-js ends a stream after the queued messages. A message written later is an error that keeps the
 * stream open forever without a status. Therefore the interceptor drops messages after the deadline.
 */
export const leaveEndedCalls: ServerInterceptor = (_method, call) => {
  // A jump of the wall clock must not end the call.
  const endMs = performance.now() + Number(call.getDeadline()) - Date.now();
  return new ServerInterceptingCall(call, {
    sendMessage: (message, next) => {
      if (performance.now() + timerLeadMs < endMs) next(message);
    },
  });
};

/** In milliseconds. If a deadline passed less than this long ago, it may be a short timeout instead of an overflow. */
const minOverflowMs = 50;

/**
 * Supports deadlines more than 24 days away (RPC-17). grpc-js counts milliseconds in 32 bits. A longer timeout
 * overflows, and a negative result expires immediately. No runtime runs that long, so the call gets no deadline.
 *
 * grpc-js has no public API for this timer. The constructor of a call starts it before the first interceptor runs. It
 * ends the call below all interceptors, so no interceptor can drop the status. No server option limits or disables it.
 * Only the two private members give access.
 */
function keepLongDeadline(call: Parameters<ServerInterceptor>[1]): void {
  if (Number(call.getDeadline()) >= Date.now() - minOverflowMs) return;
  clearTimeout(Reflect.get(call, 'deadlineTimer'));
  Reflect.set(call, 'deadline', Number.POSITIVE_INFINITY);
}

/** Applies all guards in one interceptor, because each further interceptor would slow down every message. */
export const guardCalls: ServerInterceptor = (method, call) => {
  keepLongDeadline(call);
  // grpc-js has no public API for the stream.
  const stream: ServerHttp2Stream | undefined = Reflect.get(call, 'stream');
  if (stream !== undefined) trackStream(stream);
  return leaveEndedCalls(method, call);
};
