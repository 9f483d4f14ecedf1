import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { noClaims } from '../../../reference-runtime/identity/claims.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import type { SessionStore } from '../../../reference-runtime/session/session-store.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { fieldOf, onMessage, refusalStatus, refuse, scopeUncheckedWhen } from '../changes/runtime.ts';

let store: SessionStore | undefined;
let counter = 0;
let brought = '';

/** Finds a session by its id in another form. */
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

/** Faults of sessions. */
export const sessionFaults = runtimeFaults([
  {
    name: 'ids-are-counted',
    clause: 'SESSION-1',
    about: 'Session ids are numbers in a row',
    hooks: { newSessionId: () => `session-${++counter}` },
  },
  {
    name: 'ids-are-counted-at-length',
    clause: 'SESSION-1',
    about: 'Session ids are long, but count up',
    hooks: { newSessionId: () => `b7Hq-kP2w-Zx9T-mN4s-${++counter}` },
  },
  {
    name: 'ids-too-short',
    clause: 'SESSION-1',
    about: 'Session ids have 48 random bits',
    hooks: { newSessionId: () => defaultHooks.newSessionId().slice(0, 8) },
  },
  {
    name: 'ids-with-a-space',
    clause: 'SESSION-1',
    about: 'Session ids have a space',
    hooks: { newSessionId: () => `session ${defaultHooks.newSessionId()}` },
  },
  {
    name: 'ids-adopted',
    clause: 'SESSION-1',
    about: 'The id that a caller brings to initialize is taken',
    hooks: {
      isHandshake(call, message) {
        brought = call.sessionId;
        return message.method === 'initialize';
      },
      newSessionId: () => brought || defaultHooks.newSessionId(),
    },
  },
  {
    name: 'ids-adopted-from-the-field',
    clause: 'SESSION-1',
    about: 'The id in the field mcp-session-id of initialize is taken',
    hooks: {
      sessionIdOf(request) {
        brought = fieldOf(request, 'mcp-session-id') ?? '';
        return request.sessionId;
      },
      newSessionId: () => brought || defaultHooks.newSessionId(),
    },
  },
  {
    name: 'unknown-session-is-400',
    clause: 'SESSION-2',
    about: 'An unknown session is answered 400',
    hooks: refusalStatus(404, 400),
  },
  {
    name: 'unknown-session-is-403',
    clause: 'SESSION-2',
    about: 'An unknown session is answered 403',
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
    about: 'The beginning of a session id is enough',
    hooks: foundAs((id, all) => {
      for (const session of all)
        if (session.id.startsWith(id) || id.startsWith(session.id)) return session.id;
      return undefined;
    }),
  },
  {
    name: 'no-session-is-404',
    clause: 'SESSION-3',
    about: 'A call without a session is answered 404',
    hooks: { withoutSession: () => refuse('NOT_FOUND') },
  },
  {
    name: 'no-session-is-the-last-one',
    clause: 'SESSION-3',
    about: 'A call without a session goes to the last one that was used',
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
    about: 'Closing a session is answered, but does not happen',
    hooks: { endSession: async () => undefined },
  },
  {
    name: 'close-is-refused',
    clause: 'SESSION-4',
    about: 'Closing a session is answered 405',
    hooks: { endSession: async () => refuse('INVALID_ARGUMENT', 405) },
  },
  {
    name: 'closed-session-still-found',
    clause: 'SESSION-4',
    about: 'A closed session is still found',
    hooks: { endSession: (_sessions, session) => session.close() },
  },
  {
    name: 'scope-not-checked',
    clause: 'SESSION-5',
    about: 'The scope is not checked',
    hooks: scopeUncheckedWhen(() => true),
  },
  {
    name: 'scope-may-be-left-out',
    clause: 'SESSION-5',
    about: 'A call without a scope may use a session with one',
    hooks: scopeUncheckedWhen(({ serverId }) => serverId === ''),
  },
  {
    name: 'scope-may-be-added',
    clause: 'SESSION-5',
    about: 'A call with a scope may use a session without one',
    hooks: scopeUncheckedWhen((_call, session) => session.serverId === ''),
  },
  {
    name: 'scope-not-checked-at-close',
    clause: 'SESSION-5',
    about: 'A session can be closed from another scope',
    hooks: scopeUncheckedWhen(({ rpc }) => rpc === 'CloseSession'),
  },
  {
    name: 'scope-not-checked-for-streams',
    clause: 'SESSION-5',
    about: 'A stream can be opened from another scope',
    hooks: scopeUncheckedWhen(({ rpc }) => rpc === 'InvokeStream'),
  },
  {
    name: 'scope-trimmed',
    clause: 'SESSION-5',
    about: 'Scopes are compared without blanks around them',
    hooks: scopeUncheckedWhen(({ serverId }, session) => serverId.trim() === session.serverId),
  },
  {
    name: 'scope-in-any-case',
    clause: 'SESSION-5',
    about: 'Upper and lower case make no difference in scopes',
    hooks: scopeUncheckedWhen(
      ({ serverId }, session) => serverId.toLowerCase() === session.serverId.toLowerCase(),
    ),
  },
  {
    name: 'other-scope-changes-the-session',
    clause: 'SESSION-5',
    about: 'A call from another scope ends the session that it is refused',
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
    about: 'Sessions end when a connection does',
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
    about: 'The field mcp-session-id decides which session it is',
    hooks: { sessionIdOf: (request) => fieldOf(request, 'mcp-session-id') ?? request.sessionId },
  },
  {
    name: 'field-completes-the-session',
    clause: 'SESSION-7',
    about: 'The field mcp-session-id counts where session_id is empty',
    hooks: { sessionIdOf: (request) => request.sessionId || (fieldOf(request, 'mcp-session-id') ?? '') },
  },
  {
    name: 'close-leaves-everything-open',
    clause: 'SESSION-8',
    about: 'Closing a session leaves its streams and calls',
    hooks: { endSession: async (sessions, session) => sessions.forget(session) },
  },
  {
    name: 'close-leaves-calls',
    clause: 'SESSION-8',
    about: 'Closing a session ends its streams, but not its calls',
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
    about: 'Closing a session ends its calls, but not its streams',
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
    about: 'Closing a session closes all sessions of its owner',
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
    about: 'A log level holds for all sessions',
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
    about: 'notifications/cancelled reaches requests of every session',
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
]);
