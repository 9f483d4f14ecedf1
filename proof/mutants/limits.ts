import { CallRefused } from '../../reference-runtime/failures/call-refused.ts';
import type { IncomingCall } from '../../reference-runtime/grpc/signals.ts';
import { leaveEndedCalls } from '../../reference-runtime/grpc/signals.ts';
import { defaultHooks } from '../../reference-runtime/hooks.ts';
import { onAnswerIf, refusalStatus } from './faults.ts';
import type { Hooks, Mutant } from './mutant.ts';

const mebibyte = 1024 * 1024;

/** Aborts as usual, unless the call ended in the way that is not noticed. */
function notNoticing(unnoticed: (call: IncomingCall) => boolean): Hooks {
  return {
    callSignal(call) {
      const controller = new AbortController();
      call.once('cancelled', () => {
        if (!unnoticed(call)) controller.abort();
      });
      return controller.signal;
    },
  };
}

const isPastDeadline = (call: IncomingCall) => Number(call.getDeadline()) <= Date.now() + 20;

/** Faults of limits, deadlines and cancellation. */
export const limitMutants: readonly Mutant[] = [
  {
    name: 'requests-of-512-kib',
    clause: 'LIMIT-1',
    about: 'A request body of more than 512 KiB is refused',
    options: { limits: { maxBodyBytes: mebibyte / 2 } },
  },
  {
    name: 'responses-of-512-kib',
    clause: 'LIMIT-1',
    about: 'A response of more than 512 KiB fails',
    hooks: {
      responseOf(answer) {
        if (answer.body.length > mebibyte / 2) throw new CallRefused('RATE_LIMITED', 'Too large');
        return defaultHooks.responseOf(answer);
      },
    },
  },
  {
    name: 'requests-of-any-size',
    clause: 'LIMIT-2',
    about: 'Request bodies have no limit',
    options: { limits: { maxBodyBytes: 64 * mebibyte } },
  },
  {
    name: 'large-requests-are-internal',
    clause: 'LIMIT-2',
    about: 'A request body that is too large is answered 500',
    hooks: refusalStatus(413, 500),
  },
  {
    name: 'responses-cut',
    clause: 'LIMIT-3',
    about: 'A response is cut after 4 MiB',
    hooks: onAnswerIf(
      ({ body }) => body.length > 4 * mebibyte,
      (answer) => ({ ...answer, body: answer.body.subarray(0, 4 * mebibyte) }),
    ),
  },
  {
    name: 'compressed-size-counts',
    clause: 'LIMIT-4',
    about: 'What a compressed message inflates to has no limit',
    hooks: {
      messageLimits: (limits) => ({
        ...defaultHooks.messageLimits(limits),
        'grpc.max_receive_message_length': -1,
      }),
    },
  },
  {
    name: 'work-goes-on-after-the-deadline',
    clause: 'DEADLINE-1',
    about: 'Work goes on after the deadline',
    hooks: notNoticing(isPastDeadline),
  },
  {
    name: 'deadlines-of-months-pass-at-once',
    clause: 'RPC-17',
    about: 'A deadline further away than 24 days overflows, and passes at once',
    hooks: { interceptors: [leaveEndedCalls] },
  },
  {
    name: 'work-begins-after-the-deadline',
    clause: 'DEADLINE-5',
    about: 'A call is begun when it is half-closed, even where its deadline has passed by then',
    hooks: { interceptors: [] },
  },
  {
    name: 'calls-with-a-deadline-refused',
    clause: 'DEADLINE-1',
    about: 'A call with a deadline ends at once',
    hooks: {
      callSignal: (call) =>
        Number.isFinite(Number(call.getDeadline())) ? AbortSignal.abort() : defaultHooks.callSignal(call),
    },
  },
  {
    name: 'work-goes-on-after-a-cancellation',
    clause: 'DEADLINE-2',
    about: 'Work goes on after its call was cancelled',
    hooks: notNoticing((call) => !isPastDeadline(call)),
  },
  {
    name: 'cancelled-notification-ignored',
    clause: 'DEADLINE-3',
    about: 'notifications/cancelled is ignored',
    hooks: { namesRequest: () => false },
  },
  {
    name: 'cancelled-notification-cancels-all',
    clause: 'DEADLINE-3',
    about: 'notifications/cancelled cancels every request of the session',
    hooks: { namesRequest: (_id, { method }) => method !== 'initialize' },
  },
  {
    name: 'cancelled-notification-loosely-read',
    clause: 'DEADLINE-3',
    about: 'notifications/cancelled takes a string for the number in it',
    hooks: {
      namesRequest: (id, request) => id?.replaceAll('"', '') === request.id.replaceAll('"', ''),
    },
  },
  {
    name: 'cancelled-by-spelling',
    clause: 'DEADLINE-3',
    about: "notifications/cancelled means only an id that is escaped as the request's was",
    hooks: { namesRequest: (id, request) => id === request.id },
  },
  {
    name: 'cancelled-if-it-counts-as-true',
    clause: 'DEADLINE-3',
    about: 'notifications/cancelled with the id 0 or "" is ignored',
    hooks: {
      namesRequest: (id, request) => id !== '0' && id !== '""' && defaultHooks.namesRequest(id, request),
    },
  },
  {
    name: 'early-end-closes-the-session',
    clause: 'DEADLINE-4',
    about: 'A call that ends early closes its session',
    hooks: {
      beginRequest(session, call, exchange) {
        call.signal.addEventListener('abort', () => void session.close());
        return defaultHooks.beginRequest(session, call, exchange);
      },
    },
  },
  {
    name: 'early-end-leaves-a-stream',
    clause: 'DEADLINE-4',
    about: 'After a call that ended early no live stream can be opened',
    hooks: {
      beginRequest(session, call, exchange) {
        call.signal.addEventListener('abort', () => session.streams.live.end());
        return defaultHooks.beginRequest(session, call, exchange);
      },
    },
  },
];
