import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

/** The timer that ends a call may be so much earlier than the clock says. Milliseconds. */
const timerLeadMs = 2;

/**
 * Leaves calls alone that have ended (DEADLINE-1, DEADLINE-2), where grpc-js goes on in two ways.
 *
 * It hands a call over when its caller half-closes it, ended or not, and would tell its handler of no end afterwards. The
 * listener that every interceptor has passes nothing on once a call has ended.
 *
 * At the deadline it ends a stream behind what still waits to be written. A message written after that is an error which
 * keeps the stream open for ever, without a status: none is passed on once the deadline is there.
 */
export const leaveEndedCalls: ServerInterceptor = (_method, call) => {
  const deadline = Number(call.getDeadline());
  return new ServerInterceptingCall(call, {
    sendMessage: (message, next) => {
      if (Date.now() + timerLeadMs < deadline) next(message);
    },
  });
};
