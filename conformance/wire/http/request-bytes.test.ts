import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { McpRequestSchema, type RequestRpc } from '../../../proto/index.ts';
import { NotExpressibleError } from '../runtime-call.ts';
import { httpRequestOf } from './request-bytes.ts';

type Message = MessageInitShape<typeof McpRequestSchema>;

function lines(rpc: RequestRpc, message: Message): readonly string[] {
  const encoded = toBinary(McpRequestSchema, create(McpRequestSchema, { path: '/mcp', ...message }));
  return httpRequestOf(rpc, encoded).bytes.toString('utf8').split('\r\n');
}

test('carries every part of a message', () => {
  const message: Message = {
    path: '/servers/a/mcp',
    query: 'x=1&y',
    headers: { 'X-A': '\u0001é', accept: 'application/json' },
    body: Buffer.from('{}'),
    serverId: 'é /',
    sessionId: 's 1',
    affinityForwarded: true,
    authContext: { encoded: 'abc', expiresAtEpochMs: 5n },
  };
  expect(lines('Invoke', message)).toEqual([
    'POST /servers/a/mcp?x=1&y HTTP/1.1',
    'host: runtime',
    'X-A: \u0001é',
    'accept: application/json',
    'mcp-session-id: s 1',
    'x-contextforge-server-id: %C3%A9%20%2F',
    'x-contextforge-affinity-forwarded: true',
    'x-contextforge-auth-context: abc',
    'x-contextforge-auth-expires-at: 5',
    'content-length: 2',
    '',
    '{}',
  ]);
});

test.each([
  ['InvokeStream', {}, 'GET /mcp HTTP/1.1'],
  ['InvokeStream', { method: 'POST' }, 'POST /mcp HTTP/1.1'],
  ['CloseSession', {}, 'DELETE /mcp HTTP/1.1'],
] as const)('%s with %j is %s', (rpc, message, line) => {
  expect(lines(rpc, message)[0]).toBe(line);
});

test.each([
  ['Invoke', 'application/json, Text/Event-Stream;q=0.5', ['accept: application/json']],
  ['Invoke', 'text/event-stream', []],
  ['Invoke', 'application/json, text/event-streams', ['accept: application/json, text/event-streams']],
  ['InvokeStream', 'application/json', ['accept: application/json, text/event-stream']],
  ['InvokeStream', 'text/event-stream', ['accept: text/event-stream']],
] as const)('%s with accept %s sends %j', (rpc, accept, expected) => {
  const sent = lines(rpc, { method: 'POST', headers: { accept } });
  expect(sent.filter((line) => line.startsWith('accept'))).toEqual(expected);
});

test('adds the media range of a stream if there is no accept', () => {
  expect(lines('InvokeStream', { method: 'POST' })).toContain('accept: text/event-stream');
});

test.each<Message>([
  { method: 'PUT' },
  { path: '' },
  { path: 'mcp' },
  { path: '/a b' },
  { path: '/a?b' },
  { path: '/a#b' },
  { path: '/é' },
  { query: 'a b' },
  { sessionId: 'a\n' },
  { sessionId: ' a' },
  { sessionId: 'é' },
  { headers: { 'x-a': 'a\r\nb: c' } },
  { headers: { 'x-a': ' a' } },
  { headers: { 'x:a': 'a' } },
  { headers: { '': 'a' } },
  { headers: { 'x-a': '1', 'X-A': '2' } },
  { headers: { host: 'a' } },
  { headers: { 'Content-Length': '1' } },
  { headers: { 'mcp-session-id': 'a' } },
  { headers: { 'x-contextforge-server-id': 'a' } },
  { authContext: { encoded: 'a\n' } },
])('cannot carry %j', (message) => {
  expect(() => lines('Invoke', message)).toThrow(NotExpressibleError);
});

test('a GET of the health target is not a call', () => {
  expect(() => lines('InvokeStream', { path: '/health' })).toThrow(/health check/);
});
