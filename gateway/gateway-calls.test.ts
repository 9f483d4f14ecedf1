import { describe, expect, test } from 'vitest';
import { bytes, chunksThenOk, writeChunks } from '../client/testing/scripted-runtime.ts';
import { eventStream, post, recorder, ScriptedGateway, streaming } from './testing/scripted-gateway.ts';

describe('from the request to the call', () => {
  test('GW-1, GW-7, GW-8: POST becomes Invoke with unchanged parts', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const body = Buffer.from([0, 255, 10, 13]);
    const response = await fetch(`${gateway.server.url}/servers/a%20b/mcp?x=1&y=%20`, {
      method: 'POST',
      headers: { 'mcp-session-id': 's1', accept: 'application/json', 'X-Custom': 'Value ' },
      body,
    });
    expect(response.status).toBe(200);
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: '/servers/a%20b/mcp',
        query: 'x=1&y=%20',
        serverId: 'a b',
        sessionId: 's1',
        affinityForwarded: false,
        headers: { 'mcp-session-id': 's1', accept: 'application/json', 'x-custom': 'Value' },
      },
    ]);
    expect(seen[0]?.body).toEqual(body);
    expect(seen[0]?.authContext).toBeUndefined();
  });

  test('GW-1: POST becomes InvokeStream if both sides support it', async () => {
    const { seen, script } = recorder();
    const methods: string[] = [];
    await using gateway = await ScriptedGateway.start({
      ...script,
      health: () => streaming,
      async invokeStream(call, request) {
        methods.push(request.method);
        await writeChunks(call, [eventStream, { done: true }]);
        call.end();
      },
    });
    await (await fetch(gateway.url, post({}))).text();
    await (await fetch(gateway.url, post({}, { accept: 'application/json' }))).text();
    expect(methods).toEqual(['POST']);
    expect(seen.map(({ method }) => method)).toEqual(['POST']);
  });

  test('GW-2: GET becomes InvokeStream and DELETE becomes CloseSession, both without a body', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start({
      ...script,
      ...chunksThenOk({ data: bytes('data: 1\n\n') }, { done: true }),
    });
    const stream = await fetch(gateway.url, { headers: { accept: 'text/event-stream' } });
    expect(await stream.text()).toBe('data: 1\n\n');
    await fetch(gateway.url, { method: 'DELETE', body: 'x' });
    expect(seen).toMatchObject([{ method: 'DELETE', path: '/mcp', body: new Uint8Array() }]);
  });

  test('GW-3: the gateway asks a restarted runtime for its capabilities', async () => {
    const { script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    expect((await fetch(gateway.url, post({}))).headers.get('content-type')).toBe('application/json');
    gateway.killRuntime();
    await gateway.startRuntime({
      health: () => streaming,
      ...chunksThenOk(eventStream, { done: true }),
    });
    const response = await fetch(gateway.url, post({}));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
  });

  test.each(['/mcp/', '/servers/one/mcp/'])('GW-4: %s is the endpoint', async (path) => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    await fetch(`${gateway.server.url}${path}`, post({}));
    expect(seen).toMatchObject([{ path: path.slice(0, -1) }]);
  });

  test.each([
    '/mcp//',
    '/',
    '/servers//mcp',
    '/mcp/x',
    '/_internal/mcp',
    '/%6dcp',
    '/servers/%2e%2e/mcp',
    '/mcp#a',
  ])('GW-4, GW-6: %s is answered with 404', async (path) => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const answer = await gateway.raw([
      `POST ${path} HTTP/1.1`,
      'host: localhost',
      'content-length: 0',
      'connection: close',
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
    expect(seen).toEqual([]);
  });

  test('GW-5, GW-6: other methods and upgrades do not reach the runtime', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    for (const method of ['PUT', 'PATCH', 'HEAD', 'OPTIONS']) {
      const response = await fetch(gateway.url, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, DELETE']);
    }
    const upgrade = [
      'GET /mcp HTTP/1.1',
      'host: localhost',
      'connection: Upgrade, close',
      'upgrade: websocket',
    ];
    expect(await gateway.raw(upgrade)).toMatch(/^HTTP\/1.1 501 /);
    expect(seen).toEqual([]);
  });

  test('the gateway ignores an offer of another HTTP version', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const offer = ['connection: Upgrade, HTTP2-Settings, close', 'upgrade: h2c', 'http2-settings: AAMAAABk'];
    const answer = await gateway.raw(['DELETE /mcp HTTP/1.1', 'host: localhost', ...offer]);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(seen[0]?.headers).toEqual({});
  });

  test('GW-10: a repeated session id is refused, and an invalid one is ignored', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const lines = ['DELETE /mcp HTTP/1.1', 'host: localhost', 'connection: close', 'mcp-session-id: s1'];
    expect(await gateway.raw([...lines, 'Mcp-Session-Id: s\u00e9'])).toMatch(/^HTTP\/1.1 400 /);
    expect(seen).toEqual([]);
    for (const value of ['s\u00e9', 's 1', 's\t1']) {
      await gateway.raw([...lines.slice(0, 3), `mcp-session-id: ${value}`]);
    }
    expect(seen.map(({ sessionId }) => sessionId)).toEqual(['', '', '']);
  });

  test('GW-11: affinity counts only if a loopback peer sends it once', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const lines = ['DELETE /mcp HTTP/1.1', 'host: localhost', 'connection: close'];
    await gateway.raw([...lines, 'X-Forwarded-Internally: true']);
    await gateway.raw([...lines, 'X-Forwarded-Internally: true', 'x-forwarded-internally: true']);
    await gateway.raw([...lines, 'x_forwarded_internally: true']);
    expect(seen.map(({ affinityForwarded }) => affinityForwarded)).toEqual([true, false, false]);
    expect(seen.map(({ headers }) => headers)).toEqual([{}, {}, {}]);
  });
});
