import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

/** A timeout as short as that is not told from one that came out negative. Milliseconds. */
const minOverflowMs = 50;

/**
 * Lets a deadline count that is further away than 24 days (RPC-17). grpc-js counts milliseconds in 32 bits: a longer
 * timeout comes out as some other one, and as a negative one passes at once. No runtime lives long enough to see it pass,
 * so that such a call has none. grpc-js has no option for it, hence the two members that it keeps to itself.
 */
export const keepLongDeadlines: ServerInterceptor = (_method, call) => {
  if (Number(call.getDeadline()) < Date.now() - minOverflowMs) {
    clearTimeout(Reflect.get(call, 'deadlineTimer'));
    Reflect.set(call, 'deadline', Number.POSITIVE_INFINITY);
  }
  return new ServerInterceptingCall(call);
};
