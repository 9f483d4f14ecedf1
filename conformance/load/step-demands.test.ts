import { expect, test } from 'vitest';
import { demandsOf } from './step-demands.ts';

const withSessions = { release: '1.1', orWithSessions: true };
const source = { file: 'x.yaml', line: 1 };
const session = { verb: 'session', argument: { as: 'mine' }, source };

test.each([
  [
    'a call in a session',
    'invoke',
    { request: { sessionId: '${mine}' }, expect: { status: 200 } },
    undefined,
  ],
  ['a session id as a value', 'invoke', { request: { message: { key: '${mine}' } } }, withSessions],
  ['another variable as a value', 'invoke', { request: { message: { key: '${id}' } } }, undefined],
  [
    'a session id in a nested step',
    'eventually',
    [{ invoke: { request: { arguments: { key: '${mine}' } } } }],
    withSessions,
  ],
  [
    'the id of a new session',
    'invoke',
    { expect: { headers: { 'mcp-session-id': { $save: 'id' } } } },
    withSessions,
  ],
  ['no id', 'invoke', { expect: { headers: { 'mcp-session-id': { $absent: true } } } }, undefined],
  ['the stream of a session', 'openStream', { request: { sessionId: '${mine}' } }, withSessions],
  ['the stream of an unknown session', 'openStream', { request: { sessionId: 'none' } }, undefined],
  [
    'a refused call in a session',
    'invoke',
    { request: { sessionId: '${mine}', authContext: 'bob' }, expect: { status: 403 } },
    withSessions,
  ],
  [
    'an error with status 200',
    'invoke',
    { expect: { status: 200, message: { $include: { error: { $any: true } } } } },
    { release: '1.1' },
  ],
  ['an error with any status', 'invoke', { expect: { message: { $include: { error: {} } } } }, undefined],
])('%s', (_, verb, argument, expected) => {
  expect(demandsOf([session, { verb, argument, source }])).toEqual(expected);
});
