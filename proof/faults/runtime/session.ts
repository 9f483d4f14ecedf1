import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { noClaims } from '../../../reference-runtime/identity/claims.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import type { SessionStore } from '../../../reference-runtime/session/session-store.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { fieldOf, inexactScope, onMessage, refuse, scopeUncheckedWhen } from '../changes/runtime.ts';

let store: SessionStore | undefined;
let counter = 0;
/** The ids of closed sessions. */
const closedSessions = new Set<string>();
let callerSessionId = '';

/** Finds a session by another form of its id. */
function foundAs(change: (id: string, all: Iterable<Session>) => string | undefined): Hooks {
  return {
    findSession(sessions, id) {
      const known = [...sessions.all()];
      if (known.some((session) => session.id === id)) return sessions.find(id);
      return sessions.find(change(id, known) ?? id);
    },
  };
}

let lastUsed: Session | undefined;

function isServed(sessions: SessionStore, id: string): boolean {
  try {
    return sessions.find(id) !== undefined;
  } catch {
    return false;
  }
}

/** Faults in sessions. */
export const sessionFaults = runtimeFaults([
  {
    name: 'ids-are-counted',
    clause: 'SESSION-1',
    about: 'The runtime numbers its sessions consecutively',
    hooks: { newSessionId: () => `session-${++counter}` },
  },
  {
    name: 'ids-are-counted-at-length',
    clause: 'SESSION-1',
    about: 'The runtime builds session ids from a fixed prefix and a counter',
    hooks: { newSessionId: () => `b7Hq-kP2w-Zx9T-mN4s-${++counter}` },
  },
  {
    name: 'ids-too-short',
    clause: 'SESSION-1',
    about: 'The runtime creates session ids with 48 random bits',
    hooks: { newSessionId: () => defaultHooks.newSessionId().slice(0, 8) },
  },
  {
    name: 'ids-with-a-space',
    clause: 'SESSION-1',
    about: 'The runtime creates session ids with a space',
    hooks: { newSessionId: () => `session ${defaultHooks.newSessionId()}` },
  },
  {
    name: 'ids-adopted',
    clause: 'SESSION-1',
    about: 'The runtime adopts an unknown session id that the caller sends with initialize',
    alsoBreaks: [
      { clause: 'SESSION-2', reason: 'SESSION-2 forbids to bring a named session into existence.' },
      { clause: 'RPC-23', reason: 'The runtime must read the body before it can refuse an unknown session.' },
    ],
    hooks: {
      checkBeforeBody(options, call, caller) {
        callerSessionId = isServed(options.sessions, call.sessionId) ? '' : call.sessionId;
        if (callerSessionId === '') defaultHooks.checkBeforeBody(options, call, caller);
      },
      isHandshake: (call, message) =>
        callerSessionId === '' ? defaultHooks.isHandshake(call, message) : message.method === 'initialize',
      newSessionId: () => callerSessionId || defaultHooks.newSessionId(),
    },
  },
  {
    name: 'ids-adopted-from-the-field',
    clause: 'SESSION-1',
    about: 'The runtime adopts the mcp-session-id field of initialize',
    hooks: {
      sessionIdOf(request) {
        callerSessionId = fieldOf(request, 'mcp-session-id') ?? '';
        return request.sessionId;
      },
      newSessionId: () => callerSessionId || defaultHooks.newSessionId(),
    },
  },
  {
    name: 'closed-sessions-come-back',
    clause: 'SESSION-2',
    about: 'The runtime opens a closed session again if initialize names it',
    hooks: {
      checkBeforeBody: () => {},
      isHandshake(call, message) {
        const wasClosed = closedSessions.has(call.sessionId);
        callerSessionId = wasClosed ? call.sessionId : '';
        return defaultHooks.isHandshake(call, message) || (message.method === 'initialize' && wasClosed);
      },
      newSessionId: () => callerSessionId || defaultHooks.newSessionId(),
      endSession(sessions, session) {
        closedSessions.add(session.id);
        return defaultHooks.endSession(sessions, session);
      },
    },
  },
  {
    name: 'unknown-session-is-400',
    clause: 'SESSION-2',
    about: 'The runtime answers an unknown session with 400',
    hooks: {
      findSession: (sessions, id) => {
        try {
          return sessions.find(id);
        } catch {
          return refuse('INVALID_ARGUMENT');
        }
      },
    },
  },
  {
    name: 'unknown-session-is-403',
    clause: 'SESSION-2',
    about: 'The runtime answers an unknown session with 403',
    hooks: {
      findSession: (sessions, id) => {
        try {
          return sessions.find(id);
        } catch {
          return refuse('PERMISSION_DENIED');
        }
      },
    },
  },
  {
    name: 'session-found-by-its-beginning',
    clause: 'SESSION-2',
    about: 'The runtime accepts a prefix of a session id',
    hooks: foundAs((id, all) => {
      for (const session of all)
        if (session.id.startsWith(id) || id.startsWith(session.id)) return session.id;
      return undefined;
    }),
  },
  {
    name: 'no-session-is-404',
    clause: 'SESSION-3',
    about: 'The runtime answers a call without a session with 404',
    hooks: { withoutSession: () => refuse('NOT_FOUND') },
  },
  {
    name: 'no-session-is-the-last-one',
    clause: 'SESSION-3',
    about: 'The runtime routes a call without a session to the last used session',
    hooks: {
      findSession(sessions, id) {
        lastUsed = sessions.find(id);
        return lastUsed;
      },
      withoutSession: (call) => lastUsed ?? defaultHooks.withoutSession(call),
    },
  },
  {
    name: 'close-does-nothing',
    clause: 'SESSION-4',
    about: 'The runtime answers CloseSession without closing the session',
    hooks: { endSession: async () => undefined },
  },
  {
    name: 'close-is-refused',
    clause: 'SESSION-4',
    about: 'The runtime answers CloseSession with 405',
    hooks: { endSession: async () => refuse('INVALID_ARGUMENT', 405) },
  },
  {
    name: 'closed-session-still-found',
    clause: 'SESSION-4',
    about: 'The runtime keeps serving a closed session',
    hooks: { endSession: (_sessions, session) => session.close() },
  },
  {
    name: 'scope-not-checked',
    clause: 'SESSION-5',
    about: 'The runtime skips the scope check',
    hooks: scopeUncheckedWhen(() => true),
  },
  {
    name: 'scope-may-be-left-out',
    clause: 'SESSION-5',
    about: 'The runtime accepts calls without a scope in a scoped session',
    hooks: scopeUncheckedWhen(({ serverId }) => serverId === ''),
  },
  {
    name: 'scope-may-be-added',
    clause: 'SESSION-5',
    about: 'The runtime accepts calls with a scope in an unscoped session',
    hooks: scopeUncheckedWhen((_call, session) => session.serverId === ''),
  },
  {
    name: 'scope-not-checked-at-close',
    clause: 'SESSION-5',
    about: 'The runtime closes a session from another scope',
    hooks: scopeUncheckedWhen(({ rpc }) => rpc === 'CloseSession'),
  },
  {
    name: 'scope-not-checked-for-streams',
    clause: 'SESSION-5',
    about: 'The runtime opens a stream from another scope',
    alsoBreaks: [
      {
        clause: 'STREAM-9',
        reason: 'STREAM-9 also requires the runtime to refuse a stream from another scope.',
      },
    ],
    hooks: scopeUncheckedWhen(({ rpc }) => rpc === 'InvokeStream'),
  },
  {
    name: 'scope-trimmed',
    clause: 'SESSION-5',
    about: 'The runtime trims scopes before it compares them',
    alsoBreaks: [{ clause: 'AUTH-12', reason: inexactScope }],
    hooks: scopeUncheckedWhen(({ serverId }, session) => serverId.trim() === session.serverId),
  },
  {
    name: 'scope-in-any-case',
    clause: 'SESSION-5',
    about: 'The runtime ignores case when it compares scopes',
    alsoBreaks: [{ clause: 'AUTH-12', reason: inexactScope }],
    hooks: scopeUncheckedWhen(
      ({ serverId }, session) => serverId.toLowerCase() === session.serverId.toLowerCase(),
    ),
  },
  {
    name: 'other-scope-changes-the-session',
    clause: 'SESSION-5',
    about: 'The runtime closes the session when it refuses a call from another scope',
    hooks: {
      findSession(sessions, id) {
        store = sessions;
        return sessions.find(id);
      },
      checkScope(session, serverId, call) {
        if (serverId !== session.serverId) void store?.end(session);
        defaultHooks.checkScope(session, serverId, call);
      },
    },
  },
  {
    name: 'sessions-end-with-a-connection',
    clause: 'SESSION-6',
    about: 'The runtime closes all sessions when a connection ends',
    hooks: {
      findSession(sessions, id) {
        store = sessions;
        return sessions.find(id);
      },
      claimSocket: (path, accept) =>
        defaultHooks.claimSocket(path, (connection) => {
          connection.once('close', () => {
            for (const session of store?.all() ?? []) void store?.end(session);
          });
          accept(connection);
        }),
    },
  },
  {
    name: 'field-names-the-session',
    clause: 'SESSION-7',
    about: 'The runtime prefers the mcp-session-id field to session_id',
    hooks: { sessionIdOf: (request) => fieldOf(request, 'mcp-session-id') ?? request.sessionId },
  },
  {
    name: 'field-completes-the-session',
    clause: 'SESSION-7',
    about: 'The runtime uses the mcp-session-id field if session_id is empty',
    hooks: { sessionIdOf: (request) => request.sessionId || (fieldOf(request, 'mcp-session-id') ?? '') },
  },
  {
    name: 'close-leaves-everything-open',
    clause: 'SESSION-8',
    about: 'The runtime keeps streams and calls of a closed session open',
    hooks: { endSession: async (sessions, session) => sessions.forget(session) },
  },
  {
    name: 'close-leaves-calls',
    clause: 'SESSION-8',
    about: 'The runtime keeps calls of a closed session in flight',
    hooks: {
      async endSession(sessions, session) {
        sessions.forget(session);
        session.streams.end();
      },
    },
  },
  {
    name: 'close-leaves-streams',
    clause: 'SESSION-8',
    about: 'The runtime keeps streams of a closed session open',
    hooks: {
      async endSession(sessions, session) {
        sessions.forget(session);
        await session.connection.close();
      },
    },
  },
  {
    name: 'close-ends-all-of-the-owner',
    clause: 'SESSION-9',
    about: 'The runtime closes all sessions of the owner on CloseSession',
    hooks: {
      async endSession(sessions, session) {
        const all = [...sessions.all()].filter(({ owner }) => owner === session.owner);
        await Promise.all(all.map((each) => sessions.end(each)));
      },
    },
  },
  {
    name: 'log-level-is-shared',
    clause: 'SESSION-9',
    about: 'The runtime applies a log level to all sessions',
    hooks: {
      findSession(sessions, id) {
        store = sessions;
        return sessions.find(id);
      },
      ...onMessage((message) => {
        if (message.kind === 'request' && message.method === 'logging/setLevel') {
          for (const { connection } of store?.all() ?? []) {
            connection.request({
              request: { ...message, id: '0' },
              scope: { caller: { kind: 'anonymous', claims: noClaims }, serverId: '', owner: '' },
              path: {
                interactive: false,
                message: async () => undefined,
                suspend: () => undefined,
                finish: () => undefined,
              },
            });
          }
        }
        return message;
      }),
    },
  },
  {
    name: 'cancellation-reaches-other-sessions',
    clause: 'SESSION-9',
    about: 'The runtime cancels requests of other sessions on notifications/cancelled',
    hooks: {
      findSession(sessions, id) {
        store = sessions;
        return sessions.find(id);
      },
      ...onMessage((message) => {
        if (message.kind === 'notification' && message.method === 'notifications/cancelled') {
          for (const { connection } of store?.all() ?? []) connection.notify(message);
        }
        return message;
      }),
    },
  },
  {
    name: 'sessions-without-quotas',
    clause: 'SESSION-11',
    about: 'The runtime gives its 100 sessions to whoever comes first',
    options: { limits: { maxSessions: 100, maxSessionsPerCaller: 100 } },
    hooks: { quotaOwnerOf: () => 'everybody' },
    // The case starts a further instance.
    process: (serve) => serve(),
  },
]);
