import { randomBytes, randomUUID } from 'node:crypto';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Call } from '../../../reference-runtime/http/call.ts';
import { newSessionId } from '../../../reference-runtime/session/open-session.ts';
import type { SessionStore } from '../../../reference-runtime/session/session-store.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { requestIn } from '../changes/request-in.ts';
import { onAnswerIf, onUnary, refuse, withFields, withText } from '../changes/runtime.ts';

/** Returns whether a call names a session that does not exist. */
function isInUnknownSession(sessions: SessionStore, { sessionId }: Call): boolean {
  return sessionId !== '' && ![...sessions.all()].some(({ id }) => id === sessionId);
}

/** Returns whether the body of a call is an `initialize`. */
function isInitialize({ body }: Call): boolean {
  return Buffer.from(body).includes('"method":"initialize"');
}

/** Opens a new session for an `initialize` that names an unknown one. */
function openingAnew(): Hooks {
  let sessions: SessionStore | undefined;
  return {
    checkBeforeBody(options, call, caller) {
      sessions = options.sessions;
      const isAnew = isInUnknownSession(sessions, call) && isInitialize(call);
      defaultHooks.checkBeforeBody(options, isAnew ? { ...call, sessionId: '' } : call, caller);
    },
    isHandshake: (call, message) =>
      message.method === 'initialize' &&
      (call.sessionId === '' || (sessions !== undefined && isInUnknownSession(sessions, call))),
  };
}

/** Variations of sessions. */
export const sessionVariations = variations([
  {
    name: 'session-ids-are-uuids',
    clause: 'SESSION-1',
    about: 'The runtime uses version 4 UUIDs as session ids',
    hooks: { newSessionId: () => randomUUID() },
  },
  {
    name: 'session-ids-of-all-characters',
    clause: 'SESSION-1',
    about: 'The runtime creates session ids with every visible ASCII character',
    hooks: {
      newSessionId: () =>
        `${String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 0x21 + at))}${newSessionId()}`,
    },
  },
  {
    name: 'session-ids-of-400-characters',
    clause: 'SESSION-1',
    about: 'The runtime creates session ids as long as a signed token',
    hooks: { newSessionId: () => Array.from({ length: 13 }, () => newSessionId()).join('.') },
  },
  {
    name: 'session-ids-like-variables',
    clause: 'SESSION-1',
    about: 'The runtime creates session ids that look like fixture variables',
    hooks: { newSessionId: () => `\${session}\${${newSessionId()}}` },
  },
  {
    name: 'closed-with-200',
    clause: 'SESSION-4',
    about: 'The runtime answers CloseSession with 200 and a body',
    hooks: onAnswerIf(
      ({ status }) => status === 204,
      (answer) => ({
        ...withText(withFields(answer, { 'content-type': 'application/json' }), '{}'),
        status: 200,
      }),
    ),
  },
  {
    name: 'closed-with-202',
    clause: 'SESSION-4',
    about: 'The runtime answers CloseSession with 202',
    hooks: onAnswerIf(
      ({ status }) => status === 204,
      (answer) => ({ ...answer, status: 202 }),
    ),
  },
  {
    name: 'calls-of-a-closed-session-are-aborted',
    clause: 'SESSION-8',
    about: 'The runtime ends in-flight calls of a closed session with ABORTED',
    hooks: onUnary((handler) => (call, callback) => {
      const sessionId = requestIn(call.request)?.sessionId ?? '';
      handler(call, (error, response, ...rest) => {
        const isClosed = sessionId !== '' && Buffer.from(response?.body ?? []).includes('"session_closed"');
        if (isClosed) callback({ code: 10, details: 'The session was closed' });
        else callback(error, response, ...rest);
      });
    }),
  },
  {
    name: 'room-for-seventy-sessions',
    clause: 'SESSION-10',
    about: 'The runtime allows 70 sessions and answers further ones with 429',
    options: { limits: { maxSessions: 70 } },
  },
  {
    name: 'initialize-ignores-unknown-sessions',
    clause: 'SESSION-2',
    about: 'The runtime answers an initialize in an unknown session with a new session',
    hooks: openingAnew(),
  },
  {
    name: 'initialize-in-unknown-sessions-is-a-bad-request',
    clause: 'SESSION-2',
    about: 'The runtime answers an initialize in an unknown session with 400',
    hooks: {
      checkBeforeBody(options, call, caller) {
        if (isInUnknownSession(options.sessions, call) && isInitialize(call)) refuse('INVALID_ARGUMENT');
        defaultHooks.checkBeforeBody(options, call, caller);
      },
    },
  },
  {
    name: 'sixty-four-sessions-for-each-caller',
    clause: 'SESSION-11',
    about: 'The runtime allows 64 sessions for each caller',
    options: { limits: { maxSessionsPerCaller: 64 } },
  },
  {
    name: 'sessions-end-after-ten-seconds',
    clause: 'SESSION-10',
    about: 'The runtime ends sessions that are unused for ten seconds',
    options: { limits: { sessionIdleMs: 10_000 } },
  },
  {
    name: 'session-ids-of-120-bits',
    clause: 'SESSION-1',
    about: 'The runtime creates session ids of 20 characters, with 120 random bits',
    hooks: { newSessionId: () => randomBytes(15).toString('base64url') },
  },
  {
    name: 'session-ids-of-digits',
    clause: 'SESSION-1',
    about: 'The runtime creates session ids that are decimal numbers',
    hooks: {
      newSessionId: () =>
        BigInt(`0x${randomBytes(16).toString('hex')}`)
          .toString()
          .padStart(39, '0'),
    },
  },
]);
