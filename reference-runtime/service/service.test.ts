import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  alice,
  authContext,
  callerNamed,
  Harness,
  initialize,
  jsonOf,
  rpc,
  textOf,
  toolCall,
} from '../testing/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ version: '1.2.3' });
});
afterAll(() => harness[Symbol.asyncDispose]());

describe('health', () => {
  it('is ok and lists the capabilities', async () => {
    expect(await harness.health()).toMatchObject({
      status: 'ok',
      mode: 'full',
      version: '1.2.3',
      capabilities: ['stream-head', 'stream-post', 'resume', 'mcp-2026-07-28'],
    });
  });
});

describe('initialize', () => {
  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])('serves %s', async (revision) => {
    const response = await harness.invoke(initialize(revision));
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.headers['mcp-session-id']).toMatch(/^[\x21-\x7e]{22,}$/);
    expect(jsonOf(response).result).toMatchObject({
      protocolVersion: revision,
      serverInfo: { version: '1.2.3' },
    });
  });

  it('offers the latest revision for an unsupported one', async () => {
    for (const revision of ['2024-10-07', '1999-01-01', '2026-07-28']) {
      expect(jsonOf(await harness.invoke(initialize(revision))).result.protocolVersion).toBe('2025-11-25');
    }
  });

  it('does not create a session for invalid params', async () => {
    const before = harness.runtime.sessionCount;
    const response = await harness.invoke(rpc('x', 'initialize', { protocolVersion: 5 }));
    expect(response.status).toBe(200);
    expect(response.headers).not.toHaveProperty('mcp-session-id');
    expect(jsonOf(response)).toMatchObject({ id: 'x', error: { code: -32602 } });
    expect(jsonOf(response).error.message).not.toMatch(/expected|zod|invalid_type/i);
    expect(harness.runtime.sessionCount).toBe(before);
  });

  it('is refused in an initialized session', async () => {
    const sessionId = await harness.session();
    const response = await harness.invoke(initialize('2024-11-05'), { sessionId });
    expect(response.status).toBe(400);
    expect(jsonOf(response)).toMatchObject({ id: 0, error: { code: -32600 } });
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });

  it('never adopts a session id of the caller', async () => {
    expect((await harness.invoke(initialize(), { sessionId: 'mine' })).status).toBe(404);
    const response = await harness.invoke(initialize(), { headers: { 'mcp-session-id': 'mine' } });
    expect(response.headers['mcp-session-id']).not.toBe('mine');
  });
});

describe('a request', () => {
  it.each([
    '1',
    '-7',
    '0',
    '1.50',
    '-0.125',
    '9007199254740993',
    '123456789012345678901234567890',
    '"a\\"b"',
    '"\\u0041"',
    '""',
  ])('with the id %s is answered with the same token', async (id) => {
    const sessionId = await harness.session();
    const body = Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
    const response = await harness.unary('invoke', { sessionId, body });
    expect(response.status).toBe(200);
    expect(textOf(response)).toBe(`{"jsonrpc":"2.0","id":${id},"result":{}}`);
  });

  it('is answered with -32601 for an unknown method', async () => {
    const sessionId = await harness.session();
    for (const method of ['no/such', 'server/discover', 'tasks/list', 'toString', '']) {
      const response = await harness.invoke(rpc(1, method), { sessionId });
      expect([response.status, jsonOf(response).error.code]).toEqual([200, -32601]);
      expect(jsonOf(response).error.data).toMatchObject({ category: 'UNSUPPORTED', origin: 'module' });
    }
  });

  it.each([
    ['tools/call', {}],
    ['tools/call', { name: 5 }],
    ['tools/call', { name: 'test_simple_text', arguments: 'x' }],
    ['tools/call', { name: 'no_such_tool' }],
    ['tools/call', { name: 'test_simple_text', _meta: 5 }],
    ['tools/call', ['a']],
    ['tools/list', { cursor: 'never-given' }],
    ['resources/list', { cursor: 'never-given' }],
    ['resources/templates/list', { cursor: 'never-given' }],
    ['prompts/list', { cursor: 'never-given' }],
    ['resources/read', {}],
    ['prompts/get', { name: 'no_such_prompt' }],
    ['prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'x' } }],
    ['logging/setLevel', { level: 'loud' }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a', value: '' } }],
  ])('%s is answered with -32602 for invalid params: %j', async (method, params) => {
    const sessionId = await harness.session();
    const response = await harness.invoke(rpc(1, method, params), { sessionId });
    expect([response.status, jsonOf(response).error.code]).toEqual([200, -32602]);
    expect(jsonOf(response).error.message).not.toMatch(/expected|zod|invalid_type|\{/i);
  });

  it('is refused if its body is not a message', async () => {
    const sessionId = await harness.session();
    const cases: [string, number, unknown][] = [
      ['', -32700, null],
      ['{', -32700, null],
      ['[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, null],
      ['[]', -32600, null],
      ['1', -32600, null],
      ['{"id":1,"method":"ping"}', -32600, 1],
      ['{"jsonrpc":"2.0","id":"a","method":1}', -32600, 'a'],
      ['{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, null],
      ['{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600, null],
      ['{"jsonrpc":"2.0","id":1,"method":"ping","params":1}', -32600, 1],
      ['{"jsonrpc":"2.0","id":1}', -32600, 1],
      ['{"jsonrpc":"2.0","id":1,"result":{},"error":{}}', -32600, 1],
    ];
    for (const [text, code, id] of cases) {
      const response = await harness.unary('invoke', { sessionId, body: Buffer.from(text) });
      expect([text, response.status, jsonOf(response)]).toMatchObject([text, 400, { id, error: { code } }]);
      expect(response.headers['content-type']).toBe('application/json');
    }
    const notUtf8 = await harness.unary('invoke', { sessionId, body: Buffer.from([0x22, 0xff, 0x22]) });
    expect(jsonOf(notUtf8)).toMatchObject({ id: null, error: { code: -32700 } });
  });

  it('is answered with 202 for a notification or a response', async () => {
    const sessionId = await harness.session();
    const messages = [
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', method: 'notifications/unknown', params: {} },
      { jsonrpc: '2.0', id: 77, result: {} },
      { jsonrpc: '2.0', id: 'x', result: 5 },
      { jsonrpc: '2.0', id: 77, error: { code: 1, message: 'no' } },
    ];
    for (const message of messages) {
      const response = await harness.invoke(message, { sessionId });
      expect([response.status, response.body.length]).toEqual([202, 0]);
    }
  });

  it('preserves every Unicode scalar value', async () => {
    const sessionId = await harness.session();
    const text = 'é\u0000\u2028😀\ufeff"\\/\u007f\ud7ff\uffff';
    expect(await harness.callTool(sessionId, 'conformance_echo', { text })).toBe(text);
  });
});

describe('a session', () => {
  it('is required and must exist', async () => {
    expect((await harness.invoke(rpc(1, 'ping'))).status).toBe(400);
    expect((await harness.unary('closeSession', {})).status).toBe(400);
    const headers = { 'mcp-session-id': await harness.session() };
    expect((await harness.invoke(rpc(1, 'ping'), { headers })).status).toBe(400);
    const unknown = await harness.invoke(rpc(1, 'ping'), { sessionId: 'unknown' });
    // RPC-23: the body of a refused call is not parsed, so that its id is unknown.
    expect([unknown.status, jsonOf(unknown).id]).toEqual([404, null]);
    expect((await harness.unary('closeSession', { sessionId: 'unknown' })).status).toBe(404);
  });

  it('does not exist after it has been closed', async () => {
    const sessionId = await harness.session();
    expect((await harness.unary('closeSession', { sessionId, method: 'DELETE' })).status).toBe(204);
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(404);
    expect((await harness.unary('closeSession', { sessionId })).status).toBe(404);
  });

  it('belongs to its owner and its scope, on every RPC', async () => {
    const sessionId = await harness.session({}, { serverId: 'one' });
    const strangers = [
      { authContext: callerNamed('bob@example.com'), serverId: 'one' },
      { authContext: undefined, serverId: 'one' },
      { serverId: 'two' },
      { serverId: '' },
      { serverId: '', path: '/servers/one/mcp' },
    ];
    for (const fields of strangers) {
      expect((await harness.invoke(rpc(1, 'ping'), { sessionId, ...fields })).status).toBe(403);
      expect((await harness.unary('closeSession', { sessionId, ...fields })).status).toBe(403);
      const stream = harness.stream({ sessionId, ...fields });
      expect(await stream.ended).toBe(0);
      expect(stream.chunks).toMatchObject([{ done: true, errorStatus: 403, status: 403 }]);
    }
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId, serverId: 'one' })).status).toBe(200);
    const { sessionCount } = harness.runtime;
    expect(sessionCount).toBeGreaterThan(0);
  });

  it('is accessible only to anonymous callers if an anonymous caller created it', async () => {
    const sessionId = await harness.session({}, { authContext: undefined });
    const nobody = authContext({ email: 'alice@example.com', is_authenticated: false, is_admin: true });
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId, authContext: nobody })).status).toBe(200);
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId, authContext: alice })).status).toBe(403);
    const fields = { authContext: nobody };
    expect(JSON.parse(await harness.callTool(sessionId, 'conformance_whoami', {}, fields))).toMatchObject({
      email: null,
      teams: [],
      is_authenticated: false,
      is_admin: false,
    });
  });

  it('can be denied to anonymous callers', async () => {
    await using strict = await Harness.start({ anonymous: 'refuse' });
    expect((await strict.invoke(initialize(), { authContext: undefined })).status).toBe(401);
    expect(strict.runtime.sessionCount).toBe(0);
  });

  it('is limited in number', async () => {
    await using small = await Harness.start({ limits: { maxSessions: 1 } });
    const sessionId = await small.session();
    const refused = await small.invoke(initialize());
    expect([refused.status, jsonOf(refused).error.data.retryable]).toEqual([429, true]);
    expect((await small.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });

  it('SESSION-11: is limited in number for each caller', async () => {
    await using small = await Harness.start({ limits: { maxSessions: 3, maxSessionsPerCaller: 2 } });
    const first = await small.session();
    const second = await small.session();
    const refused = await small.invoke(initialize());
    expect([refused.status, jsonOf(refused).error.data.code]).toEqual([429, 'too_many_sessions_of_caller']);
    for (const name of ['bob@example.com', 'eve@example.com']) {
      expect((await small.invoke(initialize(), { authContext: callerNamed(name) })).status).toBe(200);
    }
    // The session that was unused for the longest time has made room.
    expect((await small.invoke(rpc(1, 'ping'), { sessionId: first })).status).toBe(404);
    expect((await small.invoke(rpc(1, 'ping'), { sessionId: second })).status).toBe(200);
    const last = await small.invoke(initialize(), { authContext: callerNamed('dan@example.com') });
    expect([last.status, jsonOf(last).error.data.code]).toEqual([429, 'too_many_sessions']);
  });

  it('ends when idle', async () => {
    await using small = await Harness.start({ limits: { sessionIdleMs: 40 } });
    const sessionId = await small.session();
    await expect.poll(() => small.runtime.sessionCount).toBe(0);
    expect((await small.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(404);
  });
});

describe('identity', () => {
  const bad = [
    '',
    '!!!',
    'eyJ',
    Buffer.from('5').toString('base64url'),
    Buffer.from('nope').toString('base64url'),
  ];

  it.each(bad)('is refused if it is malformed: %j', async (encoded) => {
    const response = await harness.invoke(initialize(), { authContext: { encoded } });
    expect(response.status).toBe(401);
    expect(response.headers).not.toHaveProperty('mcp-session-id');
  });

  it.each([
    { email: 5 },
    { teams: 'x' },
    { teams: [1] },
    { is_authenticated: 'yes' },
    { is_admin: 1 },
    { scoped_permissions: 'a' },
    { scoped_server_id: 1 },
    { token_use: [] },
  ])('is refused for a claim of the wrong type: %j', async (claims) => {
    expect((await harness.invoke(initialize(), { authContext: authContext(claims) })).status).toBe(401);
  });

  it('is refused on every RPC after it has expired', async () => {
    const sessionId = await harness.session();
    const expired = authContext({ email: 'alice@example.com', is_authenticated: true }, 1000n);
    const fields = { sessionId, authContext: expired };
    expect((await harness.invoke(rpc(1, 'ping'), fields)).status).toBe(401);
    expect((await harness.unary('closeSession', fields)).status).toBe(401);
    const stream = harness.stream(fields);
    await stream.ended;
    expect(stream.chunks).toMatchObject([{ done: true, errorStatus: 401 }]);
    const future = authContext({ email: 'alice@example.com', is_authenticated: true }, 2n ** 63n);
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId, authContext: future })).status).toBe(200);
  });

  it('belongs to the call, not to the session', async () => {
    const sessionId = await harness.session({}, { serverId: 'srv' });
    const claims = {
      email: 'alice@example.com',
      teams: null,
      is_authenticated: true,
      is_admin: true,
      permission_is_admin: true,
      token_use: 'session',
      scoped_permissions: ['tools.read'],
      scoped_server_id: null,
      unknown: 1,
    };
    const fields = { serverId: 'srv', authContext: authContext(claims) };
    const { unknown: _, ...expected } = { ...claims, server_id: 'srv' };
    expect(await harness.callTool(sessionId, 'conformance_whoami', {}, fields)).toBe(
      JSON.stringify(expected),
    );
    expect(
      JSON.parse(await harness.callTool(sessionId, 'conformance_whoami', {}, { serverId: 'srv' })),
    ).toEqual({
      email: 'alice@example.com',
      teams: [],
      is_authenticated: true,
      is_admin: false,
      permission_is_admin: false,
      token_use: null,
      scoped_permissions: [],
      scoped_server_id: null,
      server_id: 'srv',
    });
  });
});

describe('the endpoint', () => {
  it.each(['/mcp', '/servers/abc/mcp', '/servers/a%2Fb/mcp'])('is %s', async (path) => {
    expect((await harness.invoke(initialize(), { path })).status).toBe(200);
  });

  it.each([
    '',
    '/',
    '/mcp//',
    '/MCP',
    '/mcp?x',
    '/rpc',
    '/servers/mcp',
    '/servers//mcp',
    '/servers/../mcp',
    '/_internal/mcp',
    '/_internal/mcp/rpc',
    '/servers/a/b/mcp',
  ])('is not %j', async (path) => {
    const response = await harness.invoke(initialize(), { path });
    expect([response.status, jsonOf(response).error.data.category]).toEqual([404, 'NOT_FOUND']);
    expect((await harness.unary('closeSession', { path, sessionId: 'x' })).status).toBe(404);
  });
});

describe('mcp-protocol-version', () => {
  it('is refused with a list of supported revisions', async () => {
    const sessionId = await harness.session();
    const fields = { sessionId, headers: { 'MCP-Protocol-Version': '2024-10-07' } };
    const response = await harness.invoke(rpc(9, 'ping'), fields);
    const served = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
    expect(response.status).toBe(400);
    expect(jsonOf(response)).toMatchObject({ id: 9, error: { data: { supported: served } } });
    for (const revision of served) expect(jsonOf(response).error.message).toContain(revision);
    expect((await harness.unary('closeSession', fields)).status).toBe(400);
    const stream = harness.stream(fields);
    await stream.ended;
    expect(stream.chunks).toMatchObject([{ errorStatus: 400 }]);
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });
});

describe('sizes', () => {
  it('of 1 MiB are accepted in both directions', async () => {
    const sessionId = await harness.session();
    const text = 'y'.repeat(1024 * 1024);
    expect(await harness.callTool(sessionId, 'conformance_echo', { text })).toBe(text);
  });

  it('over the limit are refused without affecting the runtime', async () => {
    const sessionId = await harness.session();
    const echo = (size: number) =>
      harness.invoke(toolCall(1, 'conformance_echo', { text: 'y'.repeat(size) }), { sessionId });
    expect((await echo(4 * 1024 * 1024)).status).toBe(413);
    await expect(echo(6 * 1024 * 1024)).rejects.toMatchObject({ code: 8 });
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });

  it('of responses are unlimited', async () => {
    const sessionId = await harness.session();
    const text = await harness.callTool(sessionId, 'conformance_repeat', { size: 9 * 1024 * 1024 });
    expect(text.length).toBe(9 * 1024 * 1024);
  });
});

describe('the empty catalog', () => {
  it('declares and serves only ping and logging', async () => {
    await using empty = await Harness.start({ catalog: 'empty' });
    const response = await empty.invoke(initialize());
    expect(jsonOf(response).result.capabilities).toEqual({ logging: {} });
    const sessionId = response.headers['mcp-session-id'] ?? '';
    expect(jsonOf(await empty.invoke(rpc(1, 'ping'), { sessionId })).result).toEqual({});
    expect(
      jsonOf(await empty.invoke(rpc(1, 'logging/setLevel', { level: 'info' }), { sessionId })).result,
    ).toEqual({});
    for (const method of ['tools/list', 'resources/list', 'prompts/list', 'completion/complete']) {
      expect(jsonOf(await empty.invoke(rpc(1, method), { sessionId })).error.code).toBe(-32601);
    }
  });
});

describe('a deeply nested body', () => {
  it('is refused without affecting the runtime', async () => {
    const sessionId = await harness.session();
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const ping = (levels: number) =>
      Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"a":${nested(levels)}}}}`);
    expect((await harness.unary('invoke', { sessionId, body: ping(400) })).status).toBe(200);
    const refused = await harness.unary('invoke', { sessionId, body: ping(1_000_000) });
    expect([refused.status, jsonOf(refused)]).toMatchObject([400, { id: 1, error: { code: -32600 } }]);
    const batch = await harness.unary('invoke', { sessionId, body: Buffer.from(nested(1_000_000)) });
    expect([batch.status, jsonOf(batch).error.code]).toEqual([400, -32600]);
  });
});

describe('a replaced hook', () => {
  it('changes one behaviour', async () => {
    await using broken = await Harness.start({}, { responseId: () => '"wrong"' });
    const sessionId = await broken.session();
    expect(jsonOf(await broken.invoke(rpc(1, 'ping'), { sessionId })).id).toBe('wrong');
  });
});
