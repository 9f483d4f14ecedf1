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
    about: 'The runtime allows 70 sessions and answers further ones with 429',
    options: { limits: { maxSessions: 70 } },
  },
]);
