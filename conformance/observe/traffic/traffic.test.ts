import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { McpRequestSchema, type RequestRpc } from '../../../proto/index.ts';
import { parseJson } from '../../match/json.ts';
import { Traffic } from './traffic.ts';

const contextOf = (email: string) => ({
  encoded: Buffer.from(JSON.stringify({ email, is_authenticated: true })).toString('base64url'),
  expiresAtEpochMs: 0n,
});

/** Watches one call, and returns a function for the violations of a clause. */
function watching(body: object | string, more: object = {}, rpc: RequestRpc = 'Invoke') {
  const traffic = new Traffic(() => ['resume']);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = create(McpRequestSchema, {
    method: 'POST',
    sessionId: 's',
    authContext: contextOf('alice@example.com'),
    body: Buffer.from(text),
    ...more,
  });
  const watch = traffic.watch('suite/case', rpc, request);
  return { traffic, watch, found: (clause: string) => traffic.violationsOf(clause).problems };
}

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const ok = { grpc: 'OK', grpcMessage: '', status: 200, headers: { 'content-type': 'application/json' } };
const named = { ...ok, headerNames: ['content-type'] };

describe('the header fields of answers', () => {
  it.each([
    ['HEADER-2', { 'X-A': '1' }, 'is not a lower-case token'],
    ['HEADER-2', { te: 'trailers' }, 'the field te is hop-by-hop'],
    ['HEADER-2', { 'x-a': 'é' }, 'the value of x-a is not visible ASCII'],
    ['HEADER-7', { 'x-original-worker': '1' }, 'the field x-original-worker is internal'],
    ['HEADER-7', { 'content-length': '9' }, 'content-length is 9, but the body has 2 bytes'],
  ])('obey %s: %o', (clause, fields, problem) => {
    const { watch, found } = watching(ping);
    const headers = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]),
    );
    watch.answer({ ...named, bytes: 2, headers, headerNames: Object.keys(fields) });
    expect(found(clause).join()).toContain(problem);
  });

  it('may not announce a length in the head of a stream', () => {
    const { watch, found } = watching(ping, {}, 'InvokeStream');
    watch.head({
      status: 200,
      headers: { 'content-length': '1' },
      headerNames: ['content-length'],
      errorStatus: 0,
    });
    expect(found('HEADER-7')).toEqual([
      'InvokeStream ping in suite/case: the head of a stream has content-length',
    ]);
  });

  it('may name no other session, except in answers to modern requests', () => {
    const headers = { ...ok.headers, 'mcp-session-id': 'other' };
    const legacy = watching(ping);
    legacy.watch.answer({ ...named, bytes: 0, headers });
    expect(legacy.found('SESSION-9')).toEqual(['Invoke ping in suite/case: an answer names another session']);
    const modern = watching(ping, { headers: { 'mcp-protocol-version': '2026-07-28' } });
    modern.watch.answer({ ...named, bytes: 0, headers });
    expect(modern.found('SESSION-9')).toEqual([]);
  });

  it('need no exception for a correct answer', () => {
    const { watch, found } = watching(ping);
    const headers = { 'content-type': 'application/json', 'content-length': '36' };
    watch.answer({ ...named, bytes: 36, headers, message: { jsonrpc: '2.0', id: 1, result: {} } });
    const clauses = [
      'HEADER-1',
      'HEADER-2',
      'HEADER-7',
      'JSONRPC-2',
      'JSONRPC-12',
      'AUTH-10',
      'ERROR-3',
      'SESSION-9',
    ];
    expect(clauses.flatMap(found)).toEqual([]);
  });
});

describe('the messages of answers', () => {
  it.each([
    [{ id: 1, result: {} }, 'a message lacks jsonrpc "2.0"'],
    [{ jsonrpc: '2.0', id: 1, result: {}, error: {} }, 'a message has result and error'],
    [{ jsonrpc: '2.0', id: 1 }, 'a message has no method, result or error'],
    [{ jsonrpc: '2.0', id: 1, error: { code: '1', message: 'm' } }, 'the code of an error is not an integer'],
    [{ jsonrpc: '2.0', id: 1, error: { code: -32500, message: 'm' } }, 'the error code -32500 is reserved'],
    [{ jsonrpc: '2.0', id: 1, error: { code: 1 } }, 'an error has no message'],
    [{ jsonrpc: '2.0', id: null, result: {} }, 'a response has no valid id'],
    [{ jsonrpc: '2.0', method: 'sampling/createMessage' }, 'sampling/createMessage has no id'],
    [
      { jsonrpc: '2.0', id: 1, method: 'notifications/message', params: {} },
      'notifications/message has an id',
    ],
    [{ jsonrpc: '2.0', method: 'notifications/message', params: [] }, 'are not an object'],
  ])('obey JSONRPC-12: %o', (message, problem) => {
    const { watch, found } = watching(ping);
    watch.event({ id: '1', data: '{}' }, message);
    expect(found('JSONRPC-12').join()).toContain(problem);
  });

  it('may be notifications of unknown methods', () => {
    const { watch, found } = watching(ping);
    watch.event({ id: '1', data: '{}' }, { jsonrpc: '2.0', method: 'com.example/hello' });
    expect(found('JSONRPC-12')).toEqual([]);
  });

  it('may write the code of an error in any form of an integer', () => {
    const { watch, found } = watching(ping);
    for (const code of ['-32602.0', '-3.2602e4', '1e2'])
      watch.event(
        { id: '1', data: '{}' },
        parseJson(`{"jsonrpc":"2.0","id":1,"error":{"code":${code},"message":"m"}}`),
      );
    expect(found('JSONRPC-12')).toEqual([]);
    watch.event(
      { id: '2', data: '{}' },
      parseJson('{"jsonrpc":"2.0","id":1,"error":{"code":-1.5,"message":"m"}}'),
    );
    expect(found('JSONRPC-12').join()).toContain('the code of an error is not an integer');
  });

  it('have the id of their request, however it is escaped', () => {
    const { watch, found } = watching('{"jsonrpc":"2.0","id":"\\u0061","method":"ping"}');
    watch.answer({ ...named, message: { jsonrpc: '2.0', id: 'a', result: {} } });
    expect(found('JSONRPC-2')).toEqual([]);
    watch.answer({ ...named, message: { jsonrpc: '2.0', id: 'b', result: {} } });
    expect(found('JSONRPC-2')).toEqual([
      'Invoke ping in suite/case: the response has the id "b", but the request has "a"',
    ]);
  });

  it('fit the output schema that the runtime lists', () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 't' } };
    const { traffic, watch, found } = watching(call);
    watch.answer({ ...named, message: { jsonrpc: '2.0', id: 1, result: { content: [] } } });
    expect(found('MCP-14')).toEqual([]);
    const list = create(McpRequestSchema, {
      body: Buffer.from('{"jsonrpc":"2.0","id":2,"method":"tools/list"}'),
    });
    traffic.watch('suite/list', 'Invoke', list).answer({
      ...named,
      message: {
        jsonrpc: '2.0',
        id: 2,
        result: { tools: [{ name: 't', outputSchema: { type: 'object' } }] },
      },
    });
    expect(found('MCP-14').join()).toContain('its result has no structuredContent');
  });
});

describe('events', () => {
  it('need ids that stand for one message of a session', () => {
    const { watch, found } = watching(ping, {}, 'InvokeStream');
    const note = { jsonrpc: '2.0', method: 'notifications/a' };
    watch.event({ data: 'x' }, note);
    watch.event({ id: '1', data: 'a' }, note);
    watch.event({ id: '1', data: 'a' }, note);
    expect(found('RESUME-1')).toEqual(['InvokeStream ping in suite/case: an event has no id: x']);
    watch.event({ id: '1', data: 'b' }, note);
    expect(found('RESUME-1')).toHaveLength(2);
  });
});

describe('secrets', () => {
  it('of other callers must not appear in an answer', () => {
    const { traffic, watch, found } = watching(ping);
    const other = create(McpRequestSchema, { authContext: contextOf('bob@example.com') });
    traffic.watch('suite/other', 'Invoke', other);
    watch.answer({ ...named, text: 'for alice@example.com' });
    expect(found('AUTH-10')).toEqual([]);
    watch.answer({ ...named, headers: { 'x-owner': 'bob@example.com' }, headerNames: ['x-owner'] });
    expect(found('AUTH-10').join()).toContain('bob@example.com');
  });

  it('of the caller must not appear in a failure', () => {
    const { watch, found } = watching(ping, { headers: { Authorization: 'Bearer 0123456789' } });
    watch.answer({ ...named, status: 403, text: 'Bearer 0123456789 is refused' });
    expect(found('ERROR-3')).toEqual(['Invoke ping in suite/case: the failure repeats Authorization']);
  });
});

it('names the cases whose calls show a violation', () => {
  const { traffic, watch } = watching(ping);
  expect(traffic.violationsOf('HEADER-1')).toEqual({ problems: [], cases: [] });
  watch.answer({ ...ok, headers: {}, bytes: 2 });
  expect(traffic.violationsOf('HEADER-1')).toMatchObject({ cases: ['suite/case'] });
});
