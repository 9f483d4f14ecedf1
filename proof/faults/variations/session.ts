import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { McpRequestSchema } from '../../../proto/index.ts';
import { newSessionId } from '../../../reference-runtime/session/open-session.ts';
import { variations } from '../../harness/fault.ts';
import { onAnswerIf, onUnary, withFields, withText } from '../changes/runtime.ts';

/** Variations of sessions. */
export const sessionVariations = variations([
  {
    name: 'session-ids-are-uuids',
    clause: 'SESSION-1',
    about: 'Session ids are UUIDs of version 4',
    hooks: { newSessionId: () => randomUUID() },
  },
  {
    name: 'session-ids-of-all-characters',
    clause: 'SESSION-1',
    about: 'Session ids are long and have every visible ASCII character',
    hooks: {
      newSessionId: () =>
        `${String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 0x21 + at))}${newSessionId()}`,
    },
  },
  {
    name: 'session-ids-of-400-characters',
    clause: 'SESSION-1',
    about: 'Session ids are as long as a signed token',
    hooks: { newSessionId: () => Array.from({ length: 13 }, () => newSessionId()).join('.') },
  },
  {
    name: 'session-ids-like-variables',
    clause: 'SESSION-1',
    about: 'Session ids look like the variables of the kit',
    hooks: { newSessionId: () => `\${session}\${${newSessionId()}}` },
  },
  {
    name: 'closed-with-200',
    clause: 'SESSION-4',
    about: 'CloseSession answers 200 with a body',
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
    about: 'CloseSession answers 202',
    hooks: onAnswerIf(
      ({ status }) => status === 204,
      (answer) => ({ ...answer, status: 202 }),
    ),
  },
  {
    name: 'calls-of-a-closed-session-are-aborted',
    clause: 'SESSION-8',
    about: 'Calls under way in a session that is closed end with ABORTED',
    hooks: onUnary((handler) => (call, callback) => {
      const { sessionId } = fromBinary(McpRequestSchema, call.request);
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
    about: 'There may be 70 sessions at a time: further ones are answered 429',
    options: { limits: { maxSessions: 70 } },
  },
]);
