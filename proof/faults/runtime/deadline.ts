import type { IncomingCall } from '../../../reference-runtime/grpc/signals.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import type { SessionStore } from '../../../reference-runtime/session/session-store.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';

/** Ignores the end of matching calls. Other calls are aborted as usual. */
function ignoringEnd(isIgnored: (call: IncomingCall) => boolean): Hooks {
  return {
    callSignal(call) {
      const controller = new AbortController();
      call.once('cancelled', () => {
        if (!isIgnored(call)) controller.abort();
      });
      return controller.signal;
    },
  };
}

let store: SessionStore | undefined;

/** Does something when a call ends before its request is answered. */
function onEarlyEnd(act: (session: Session) => void): Hooks {
  return {
    beginRequest(session, call, exchange) {
      const { signal } = call;
      const begun = defaultHooks.beginRequest(session, call, exchange);
      const early = () => act(session);
      signal.addEventListener('abort', early, { once: true });
      const release = () => {
        signal.removeEventListener('abort', early);
        begun.release();
      };
      return { ...begun, release };
    },
  };
}

const isPastDeadline = (call: IncomingCall) => Number(call.getDeadline()) <= Date.now() + 20;

/** Faults in deadlines and cancellation. */
export const deadlineFaults = runtimeFaults([
  {
    name: 'work-goes-on-after-the-deadline',
    clause: 'DEADLINE-1',
    about: 'The runtime continues work after the deadline',
    hooks: ignoringEnd(isPastDeadline),
  },
  {
    name: 'calls-with-a-deadline-refused',
    clause: 'DEADLINE-1',
    about: 'The runtime cancels every call with a deadline immediately',
    alsoBreaks: [
      {
        clause: 'RPC-15',
        reason:
          'RPC-15 also requires the runtime to apply the given deadline instead of ending the call at once.',
      },
    ],
    hooks: {
      callSignal: (call) =>
        Number.isFinite(Number(call.getDeadline())) ? AbortSignal.abort() : defaultHooks.callSignal(call),
    },
  },
  {
    name: 'work-goes-on-after-a-cancellation',
    clause: 'DEADLINE-2',
    about: 'The runtime continues work after the caller cancels',
    hooks: ignoringEnd((call) => !isPastDeadline(call)),
  },
  {
    name: 'cancellations-lost-after-many-others',
    clause: 'DEADLINE-2',
    about:
      'The runtime loses the cancellations that its HTTP/2 server does not process, beyond hundreds of others',
    hooks: {
      acceptConnection: (socket) => Object.assign(defaultHooks.acceptConnection(socket), { track: () => {} }),
    },
  },
  {
    name: 'cancelled-notification-ignored',
    clause: 'DEADLINE-3',
    about: 'The runtime ignores notifications/cancelled',
    hooks: { namesRequest: () => false },
  },
  {
    name: 'cancelled-notification-cancels-all',
    clause: 'DEADLINE-3',
    about: 'The runtime cancels every request of the session on notifications/cancelled',
    hooks: { namesRequest: (_id, { method }) => method !== 'initialize' },
  },
  {
    name: 'cancelled-notification-loosely-read',
    clause: 'DEADLINE-3',
    about: 'The runtime matches a string to a numeric id in notifications/cancelled',
    hooks: {
      namesRequest: (id, request) => id?.replaceAll('"', '') === request.id.replaceAll('"', ''),
    },
  },
  {
    name: 'cancelled-by-spelling',
    clause: 'DEADLINE-3',
    about: 'The runtime compares escaped ids in notifications/cancelled byte by byte',
    hooks: { namesRequest: (id, request) => id === request.id },
  },
  {
    name: 'cancelled-if-it-counts-as-true',
    clause: 'DEADLINE-3',
    about: 'The runtime ignores notifications/cancelled for the ids 0 and ""',
    hooks: {
      namesRequest: (id, request) => id !== '0' && id !== '""' && defaultHooks.namesRequest(id, request),
    },
  },
  {
    name: 'early-end-closes-the-session',
    clause: 'DEADLINE-4',
    about: 'The runtime closes the session when a call ends early',
    hooks: {
      findSession(sessions, id) {
        store = sessions;
        return sessions.find(id);
      },
      ...onEarlyEnd((session) => void store?.end(session)),
    },
  },
  {
    name: 'early-end-leaves-a-stream',
    clause: 'DEADLINE-4',
    about: 'The runtime refuses live streams after a call that ended early',
    hooks: onEarlyEnd((session) => session.streams.live.end()),
  },
  {
    name: 'work-begins-after-the-deadline',
    clause: 'DEADLINE-5',
    about: 'The runtime starts a call whose deadline expires before the half-close',
    hooks: { interceptors: [] },
  },
]);
