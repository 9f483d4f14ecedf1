import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

/**
 * Keeps a call that has ended, by its deadline or by its caller, from being begun: grpc-js itself hands a call over when
 * its caller half-closes it, ended or not, and would tell its handler of no end afterwards (DEADLINE-1, DEADLINE-2). The
 * listener that every interceptor has passes nothing on once a call has ended, so that this one has nothing to add.
 */
export const dropEndedCalls: ServerInterceptor = (_method, call) => new ServerInterceptingCall(call);
