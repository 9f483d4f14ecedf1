import { expect, test } from 'vitest';
import { negotiatedRevision } from './negotiated-revision.ts';

const headers = { 'mcp-session-id': 's' };
const message = { jsonrpc: '2.0', id: 1, result: { protocolVersion: '2025-06-18' } };
const negotiated = { sessionId: 's', revision: '2025-06-18' };

test.each([
  ['an answer', { headers, message }, negotiated],
  ['an answer among others', { headers, message, messages: [] }, negotiated],
  ['a stream', { headers, messages: [{ method: 'notifications/message' }, message] }, negotiated],
  ['no session', { headers: {}, message }, undefined],
  ['an empty session', { headers: { 'mcp-session-id': '' }, message }, undefined],
  ['no head', { messages: [message] }, undefined],
  ['an error', { headers, message: { id: 1, error: { code: -32603 } } }, undefined],
  ['another answer', { headers, message: { id: 1, result: {} } }, undefined],
  ['a revision of another type', { headers, message: { result: { protocolVersion: 1 } } }, undefined],
  ['no message', { headers }, undefined],
])('%s', (_, answer, expected) => {
  expect(negotiatedRevision(answer)).toEqual(expected);
});
