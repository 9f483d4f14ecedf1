import type { IncomingCall } from '../../../reference-runtime/grpc/signals.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';

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

/** Faults of deadlines and cancellation. */
export const deadlineFaults = runtimeFaults([
  {
    name: 'work-goes-on-after-the-deadline',
    clause: 'DEADLINE-1',
    about: 'Work goes on after the deadline',
    hooks: notNoticing(isPastDeadline),
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
  {
    name: 'work-begins-after-the-deadline',
    clause: 'DEADLINE-5',
    about: 'A call is begun when it is half-closed, even where its deadline has passed by then',
    hooks: { interceptors: [] },
  },
]);
