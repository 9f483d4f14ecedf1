import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authContext,
  eventsOf,
  Harness,
  initialize,
  jsonOf,
  type OpenStream,
  rpc,
  textOf,
} from '../testing/harness.ts';

const revision = '2026-07-28';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

interface Written {
  readonly id?: number | string;
  readonly capabilities?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly meta?: object;
}

/** Returns the members of a request of the sessionless era. */
function modern(method: string, params: Readonly<Record<string, unknown>> = {}, written: Written = {}) {
  const { id = 1, capabilities = {}, headers, meta } = written;
  const name = params['name'] ?? params['uri'];
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    ...meta,
  };
  return {
    json: rpc(id, method, { ...params, _meta }),
    headers: {
      'mcp-protocol-version': revision,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
  };
}

async function call(...written: Parameters<typeof modern>) {
  const { json, headers } = modern(...written);
  return harness.invoke(json, { headers });
}

function streamed(...written: Parameters<typeof modern>): OpenStream {
  return harness.stream({ method: 'POST', ...modern(...written) });
}

function messagesOf(stream: OpenStream) {
  return stream.messages.map(({ data }) => JSON.parse(data));
}

describe('a request without a session', () => {
  it('is served, with an id and a progress token of any number of digits', async () => {
    const text = JSON.stringify(
      modern('tools/call', { name: 'test_tool_with_progress' }, { id: 1, meta: { progressToken: 2 } }).json,
    )
      .replace('"id":1', '"id":12345678901234567890')
      .replace('"progressToken":2', '"progressToken":98765432109876543210');
    const { headers } = modern('tools/call', { name: 'test_tool_with_progress' });
    const response = await harness.unary('invoke', { body: Buffer.from(text), headers });
    expect(response.status).toBe(200);
    const events = eventsOf(textOf(response));
    expect(events).toHaveLength(4);
    expect(events[0]?.data).toContain('"progressToken":98765432109876543210');
    expect(events[3]?.data).toContain('"id":12345678901234567890');
  });

  it('gets the status and the body of its error on both RPCs', async () => {
    const headers = { 'mcp-protocol-version': '2099-01-01' };
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
    const error = { code: -32022, data: { supported: [revision], requested: '2099-01-01' } };
    const unary = await call('server/discover', {}, { headers, meta });
    expect([unary.status, jsonOf(unary)]).toMatchObject([400, { id: 1, error }]);
    const stream = streamed('server/discover', {}, { headers, meta });
    expect(await stream.ended).toBe(0);
    expect(stream.chunks[0]).toMatchObject({ status: 400, errorStatus: 0 });
    expect(JSON.parse(stream.text)).toMatchObject({ id: 1, error });
  });

  it.each<[string, object | string, object]>([
    ['a body that is not JSON', '{', { code: -32700 }],
    ['a batch', [], { code: -32600 }],
    ['an id that is null', { jsonrpc: '2.0', id: null, method: 'ping' }, { code: -32600 }],
    ['a response', { jsonrpc: '2.0', id: 1, result: {} }, { code: -32600 }],
  ])('leaves out the id for %s', async (_, json, error) => {
    const headers = { 'mcp-protocol-version': revision };
    const body = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
    const response = await harness.unary('invoke', { body, headers });
    expect(response.status).toBe(400);
    expect(jsonOf(response)).toMatchObject({ error });
    expect(jsonOf(response)).not.toHaveProperty('id');
  });

  it('is refused with a fractional id', async () => {
    const { json, headers } = modern('server/discover', {}, { id: 1.5 });
    for (const written of [json, rpc(1.5, 'server/discover')]) {
      const response = await harness.invoke(written, { headers });
      expect([response.status, jsonOf(response)]).toMatchObject([400, { error: { code: -32600 } }]);
      expect(jsonOf(response)).not.toHaveProperty('id');
    }
  });

  it.each<[string, ReturnType<typeof modern>, string]>([
    ['without a name', modern('tools/call'), 'Invalid params'],
    ['whose cursor is a number', modern('tools/list', { cursor: 5 }), 'Invalid params'],
    [
      'whose capabilities are a string',
      modern('tools/list', {}, { meta: { 'io.modelcontextprotocol/clientCapabilities': 'x' } }),
      'params._meta: missing or invalid: io.modelcontextprotocol/clientCapabilities',
    ],
  ])('does not reveal the validator to a request %s', async (_, { json, headers }, message) => {
    const { error } = jsonOf(await harness.invoke(json, { headers }));
    expect(error).toMatchObject({ code: -32602, message, data: { category: 'INVALID_ARGUMENT' } });
  });

  it('stops its work when the call is cancelled', async () => {
    const key = 'cancelled-modern';
    const state = async () => {
      const response = await call('tools/call', { name: 'conformance_state', arguments: { key } });
      return jsonOf(response).result.content[0].text;
    };
    const stream = streamed('tools/call', { name: 'conformance_wait', arguments: { key } });
    await stream.until(({ chunks }) => chunks.length > 0);
    await expect.poll(state).toBe('running');
    stream.call.cancel();
    await expect.poll(state).toBe('cancelled');
  });
});

describe('a resource', () => {
  it.each([
    ['test://static-text', 'public'],
    ['test://whoami', 'private'],
  ])('%s is %s', async (uri, cacheScope) => {
    expect(jsonOf(await call('resources/read', { uri })).result).toMatchObject({ cacheScope });
  });

  it('is listed in this era only, if it depends on the caller', async () => {
    const uris = (response: Awaited<ReturnType<typeof call>>) =>
      jsonOf(response).result.resources.map(({ uri }: { uri: string }) => uri);
    const sessionId = await harness.session();
    expect(uris(await call('resources/list'))).toContain('test://whoami');
    expect(uris(await harness.invoke(rpc(1, 'resources/list'), { sessionId }))).not.toContain(
      'test://whoami',
    );
  });
});

describe('both eras', () => {
  it('are chosen for each request, whatever its session', async () => {
    const sessionId = await harness.session();
    const { json, headers } = modern('ping');
    expect((await harness.invoke(json, { sessionId, headers })).status).toBe(404);
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
    const handshake = await call('initialize', { ...initialize().params });
    expect([handshake.status, jsonOf(handshake)]).toMatchObject([404, { error: { code: -32601 } }]);
    expect(handshake.headers).not.toHaveProperty('mcp-session-id');
  });

  it('list only their own tools', async () => {
    const sessionId = await harness.session();
    const names = (response: Awaited<ReturnType<typeof call>>) =>
      jsonOf(response).result.tools.map(({ name }: { name: string }) => name);
    const inSession = names(await harness.invoke(rpc(1, 'tools/list'), { sessionId }));
    const without = names(await call('tools/list'));
    expect(inSession).toContain('test_sampling');
    expect(inSession).not.toContain('test_missing_capability');
    expect(without).toContain('test_missing_capability');
    expect(without).not.toContain('test_sampling');
  });
});

describe('a question', () => {
  const tool = { name: 'test_input_required_result_request_state' };
  const capabilities = { elicitation: {} };
  const inputResponses = { confirm: { action: 'accept', content: { ok: 'yes' } } };

  async function stateOf(): Promise<string> {
    return jsonOf(await call('tools/call', tool, { capabilities })).result.requestState;
  }

  it('is answered in the next round', async () => {
    const requestState = await stateOf();
    const answered = await call('tools/call', { ...tool, inputResponses, requestState }, { capabilities });
    expect(jsonOf(answered).result).toMatchObject({ resultType: 'complete' });
  });

  it('has state that another instance with the same key accepts', async () => {
    const options = { requestStateKey: new Uint8Array(32).fill(1) };
    await using first = await Harness.start(options);
    await using second = await Harness.start(options);
    const asking = modern('tools/call', tool, { capabilities });
    const { requestState } = jsonOf(await first.invoke(asking.json, asking)).result;
    const next = modern('tools/call', { ...tool, inputResponses, requestState }, { capabilities });
    expect(jsonOf(await second.invoke(next.json, next)).result).toMatchObject({ resultType: 'complete' });
    expect(jsonOf(await harness.invoke(next.json, next)).error).toMatchObject({ code: -32602 });
  });

  it.each([5, [], { confirm: 'accept' }, { confirm: null }])('is not answered by %j', async (answers) => {
    const response = await call('tools/call', { ...tool, inputResponses: answers }, { capabilities });
    expect(jsonOf(response).error).toMatchObject({ code: -32602 });
  });

  it('may come from a resource, without caching hints', async () => {
    const question = { uri: 'test://question' };
    const asked = jsonOf(await call('resources/read', question, { capabilities })).result;
    expect(asked).toMatchObject({ resultType: 'input_required', inputRequests: { user_name: {} } });
    expect(asked).not.toHaveProperty('cacheScope');
    const answers = { user_name: { action: 'accept', content: { name: 'Ada' } } };
    const answered = await call('resources/read', { ...question, inputResponses: answers }, { capabilities });
    expect(jsonOf(answered).result).toMatchObject({
      contents: [{ text: 'Hello, Ada!' }],
      cacheScope: 'private',
    });
  });

  it('refuses the state of another caller', async () => {
    const params = { ...tool, inputResponses, requestState: await stateOf() };
    const { json, headers } = modern('tools/call', params, { capabilities });
    const bob = authContext({ email: 'bob@example.com', is_authenticated: true });
    expect(jsonOf(await harness.invoke(json, { headers, authContext: bob })).error).toMatchObject({
      code: -32602,
    });
  });
});

describe('a subscription', () => {
  const notifications = { toolsListChanged: true, resourceSubscriptions: ['test://watched-resource'] };

  it('gets the changes it asked for, under the id of its request', async () => {
    const stream = streamed('subscriptions/listen', { notifications }, { id: 'sub-é' });
    await stream.until(({ messages }) => messages.length > 0);
    await call('tools/call', { name: 'test_trigger_prompt_change' });
    await call('tools/call', { name: 'test_trigger_tool_change' });
    await call('tools/call', { name: 'conformance_touch', arguments: { uri: 'test://watched-resource' } });
    await stream.until(({ messages }) => messages.length > 2);
    expect(messagesOf(stream).map(({ method }) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
      'notifications/resources/updated',
    ]);
    for (const { params } of messagesOf(stream)) {
      expect(params._meta).toMatchObject({ 'io.modelcontextprotocol/subscriptionId': 'sub-é' });
    }
    stream.call.cancel();
  });

  it('ends with its result when the credentials expire', async () => {
    const claims = { email: 'alice@example.com', is_authenticated: true };
    const expiring = authContext(claims, BigInt(Date.now() + 1500));
    const written = modern('subscriptions/listen', { notifications });
    const stream = harness.stream({ method: 'POST', ...written, authContext: expiring });
    expect(await stream.ended).toBe(0);
    expect(messagesOf(stream).at(-1)).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    expect(stream.chunks.at(-1)).toMatchObject({ done: true });
  });

  it('is refused by Invoke, which cannot stream', async () => {
    const response = await call('subscriptions/listen', { notifications });
    expect([response.status, jsonOf(response)]).toMatchObject([400, { id: 1, error: { code: -32600 } }]);
  });

  it('ends with its result when the runtime stops', async () => {
    await using own = await Harness.start();
    const stream = own.stream({ method: 'POST', ...modern('subscriptions/listen', { notifications }) });
    await stream.until(({ messages }) => messages.length > 0);
    await own.runtime.close({ drainMs: 1000 });
    expect(await stream.ended).toBe(0);
    expect(messagesOf(stream).at(-1)).toMatchObject({ id: 1, result: { resultType: 'complete' } });
  });
});
