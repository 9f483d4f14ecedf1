import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { McpRequest } from '../proto/index.ts';
import { deferred } from '../reference-runtime/client/testing/deferred.ts';
import {
  bytes,
  chunksThenOk,
  grpcFailure,
  type RuntimeScript,
  writeChunks,
} from '../reference-runtime/client/testing/scripted-runtime.ts';
import type { GatewayOptions } from './options.ts';
import { post, ScriptedGateway } from './testing/scripted-gateway.ts';

const json = { 'content-type': 'application/json' };
const streaming = { status: 'ok', mode: 'full', capabilities: ['stream-head', 'stream-post'] };
const unavailable = { jsonrpc: '2.0', id: null, error: { code: -32000, message: expect.any(String) } };

let open: ScriptedGateway | undefined;
afterEach(async () => {
  await open?.[Symbol.asyncDispose]();
  open = undefined;
});

async function start(
  script: RuntimeScript | undefined,
  options: Partial<GatewayOptions> = {},
): Promise<ScriptedGateway> {
  open = await ScriptedGateway.start(script, options);
  return open;
}

/** A script that keeps the requests it gets and answers each. */
function recorder(): { readonly seen: McpRequest[]; readonly script: RuntimeScript } {
  const seen: McpRequest[] = [];
  const answer = (request: McpRequest) => {
    seen.push(request);
    return { status: 200, headers: json, body: bytes('{}') };
  };
  return { seen, script: { invoke: answer, closeSession: answer } };
}

describe('from the request to the call', () => {
  test('GW-1, GW-7, GW-8: POST becomes Invoke, its parts as they came', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
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

  test('GW-1: POST becomes InvokeStream where both sides can', async () => {
    const { seen, script } = recorder();
    const methods: string[] = [];
    const gateway = await start({
      ...script,
      health: () => streaming,
      async invokeStream(call, request) {
        methods.push(request.method);
        await writeChunks(call, [
          { status: 200, headers: { 'content-type': 'text/event-stream' } },
          { done: true },
        ]);
        call.end();
      },
    });
    await (await fetch(gateway.url, post({}))).text();
    await (await fetch(gateway.url, post({}, { accept: 'application/json' }))).text();
    expect(methods).toEqual(['POST']);
    expect(seen.map(({ method }) => method)).toEqual(['POST']);
  });

  test('GW-2: GET becomes InvokeStream, DELETE CloseSession, without a body', async () => {
    const { seen, script } = recorder();
    const gateway = await start({
      ...script,
      ...chunksThenOk({ data: bytes('data: 1\n\n') }, { done: true }),
    });
    const stream = await fetch(gateway.url, { headers: { accept: 'text/event-stream' } });
    expect(await stream.text()).toBe('data: 1\n\n');
    await fetch(gateway.url, { method: 'DELETE', body: 'x' });
    expect(seen).toMatchObject([{ method: 'DELETE', path: '/mcp', body: new Uint8Array() }]);
  });

  test('GW-3: asks a runtime that comes back what it is capable of', async () => {
    const { script } = recorder();
    const gateway = await start(script);
    expect((await fetch(gateway.url, post({}))).headers.get('content-type')).toBe('application/json');
    gateway.killRuntime();
    await gateway.startRuntime({
      health: () => streaming,
      ...chunksThenOk({ status: 200, headers: { 'content-type': 'text/event-stream' } }, { done: true }),
    });
    const response = await fetch(gateway.url, post({}));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
  });

  test.each([
    '/mcp/',
    '/',
    '/servers//mcp',
    '/mcp/x',
    '/_internal/mcp',
    '/%6dcp',
    '/servers/%2e%2e/mcp',
    '/mcp#a',
  ])('GW-4, GW-6: %s is answered 404', async (path) => {
    const { seen, script } = recorder();
    const gateway = await start(script);
    const answer = await gateway.raw([
      `POST ${path} HTTP/1.1`,
      'host: localhost',
      'content-length: 0',
      'connection: close',
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 40[04] /);
    expect(seen).toEqual([]);
  });

  test('GW-5, GW-6: other methods and upgrades reach no runtime', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
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

  test('an offer of another version of HTTP is not taken up', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
    const offer = ['connection: Upgrade, HTTP2-Settings, close', 'upgrade: h2c', 'http2-settings: AAMAAABk'];
    const answer = await gateway.raw(['DELETE /mcp HTTP/1.1', 'host: localhost', ...offer]);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(seen[0]?.headers).toEqual({});
  });

  test('GW-10: a session that is named twice is refused, one that cannot be named is none', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
    const lines = ['DELETE /mcp HTTP/1.1', 'host: localhost', 'connection: close', 'mcp-session-id: s1'];
    expect(await gateway.raw([...lines, 'Mcp-Session-Id: s\u00e9'])).toMatch(/^HTTP\/1.1 400 /);
    expect(seen).toEqual([]);
    for (const value of ['s\u00e9', 's 1', 's\t1']) {
      await gateway.raw([...lines.slice(0, 3), `mcp-session-id: ${value}`]);
    }
    expect(seen.map(({ sessionId }) => sessionId)).toEqual(['', '', '']);
  });

  test('GW-11: affinity is believed of a loopback peer that says it once', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
    const lines = ['DELETE /mcp HTTP/1.1', 'host: localhost', 'connection: close'];
    await gateway.raw([...lines, 'X-Forwarded-Internally: true']);
    await gateway.raw([...lines, 'X-Forwarded-Internally: true', 'x-forwarded-internally: true']);
    await gateway.raw([...lines, 'x_forwarded_internally: true']);
    expect(seen.map(({ affinityForwarded }) => affinityForwarded)).toEqual([true, false, false]);
    expect(seen.map(({ headers }) => headers)).toEqual([{}, {}, {}]);
  });
});

describe('header fields that grant something', () => {
  const grants = [
    'X-ContextForge-Auth-Context: e30',
    'x-contextforge-pre-invoke-ran: true',
    'X_CONTEXTFORGE_AUTH_CONTEXT: e30',
    'x-ContextForge_Server-Id: s',
    'X-MCP-Session-Id: other',
    'x_mcp_session_id: other',
    'X-Original-Worker: 1',
    'x_original_worker: 1',
    'X-Forwarded-For: 127.0.0.1',
    'X_Forwarded_User: admin',
    'Forwarded: for=127.0.0.1',
    'Authorization: Bearer secret',
    'AUTHORIZATION: Basic secret',
    'Cookie: session=secret',
    'cookie: a=secret',
    'Proxy-Authorization: Basic secret',
    'TE: trailers',
  ];

  test('GW-14 to GW-17: never reach the runtime, in any spelling, once or often', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script, {
      authenticator: { authenticate: async () => ({ kind: 'anonymous' }) },
    });
    const answer = await gateway.raw([
      'DELETE /mcp HTTP/1.1',
      'Host: localhost',
      'Connection: close, X-Nominated',
      'x-nominated: secret',
      'x_nominated: secret',
      ...grants,
      ...grants,
      'x-plain: 1',
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers).toEqual({ 'x-plain': '1' });
    expect(seen[0]?.authContext).toBeUndefined();
  });

  test('GW-13, GW-18: repeated fields are joined, values outside visible ASCII dropped', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
    const lines = ['DELETE /mcp HTTP/1.1', 'Host: localhost', 'Connection: close'];
    await gateway.raw([
      ...lines,
      'X-A: 1',
      'x-b: \u00e9',
      'x-a:  2 ',
      'traceparent: 00-a-b-01',
      'tracestate: t=1',
    ]);
    expect(seen[0]?.headers).toEqual({ 'x-a': '1, 2', traceparent: '00-a-b-01', tracestate: 't=1' });
  });

  test('GW-19: trailers are not header fields', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
    const lines = [
      'POST /mcp HTTP/1.1',
      'host: localhost',
      'connection: close',
      'transfer-encoding: chunked',
    ];
    await gateway.raw(
      [...lines, 'trailer: x-late'],
      '2\r\n{}\r\n0\r\nx-late: 1\r\nmcp-session-id: s\r\n\r\n',
    );
    expect(seen).toMatchObject([{ headers: {}, sessionId: '', body: Buffer.from('{}') }]);
  });

  test('a great many fields change nothing', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script);
    const many = Array.from({ length: 2500 }, () => 'a:b');
    await gateway.raw(['DELETE /mcp HTTP/1.1', 'host: localhost', 'connection: close', ...many, 'x-last: 1']);
    expect(seen[0]?.headers['x-last']).toBe('1');
  });
});

describe('what the caller gets', () => {
  test('GW-28 to GW-30: status, header fields and body, without those of the hop', async () => {
    const gateway = await start({
      invoke: () => ({
        status: 418,
        headers: {
          'content-type': 'text/plain',
          'x-a': 'b',
          connection: 'x-hop, close',
          'x-hop': '1',
          'content-length': '999',
          'transfer-encoding': 'chunked',
          'bad name': '1',
          'x-bad': 'a\r\nset-cookie: b',
        },
        body: new Uint8Array([0, 200]),
      }),
    });
    const response = await fetch(gateway.url, post({}));
    expect(response.status).toBe(418);
    const { date: _, connection: __, 'keep-alive': ___, ...headers } = Object.fromEntries(response.headers);
    expect(headers).toEqual({ 'content-type': 'text/plain', 'x-a': 'b', 'content-length': '2' });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 200]));
  });

  test.each([0, 100, 199, 600, -1])('GW-30: a status %d becomes 502', async (code) => {
    const gateway = await start({ invoke: () => ({ status: code }) });
    const response = await fetch(gateway.url, post({}));
    expect([response.status, await response.json()]).toEqual([502, unavailable]);
  });

  test('GW-31, GW-34: a head goes out before there is data, and data before there is more', async () => {
    const second = deferred();
    const third = deferred();
    const gateway = await start({
      health: () => streaming,
      async invokeStream(call) {
        await writeChunks(call, [
          { status: 200, headers: { 'content-type': 'text/event-stream', 'x-a': 'b' } },
        ]);
        await second.promise;
        await writeChunks(call, [{ data: bytes('data: 1\n\n') }]);
        await third.promise;
        await writeChunks(call, [{ data: bytes('data: 2\n\n') }, { done: true }]);
        call.end();
      },
    });
    const response = await fetch(gateway.url, post({}));
    expect([response.status, response.headers.get('x-a')]).toEqual([200, 'b']);
    const reader = response.body?.getReader();
    second.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    third.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 2\n\n');
    expect((await reader?.read())?.done).toBe(true);
  });

  test('GW-31: a quiet stream without head is 200 after a while', async () => {
    const rest = deferred();
    const gateway = await start(
      {
        async invokeStream(call) {
          await rest.promise;
          await writeChunks(call, [{ data: bytes('data: 1\n\n') }, { done: true }]);
          call.end();
        },
      },
      { limits: { quietHeadMs: 20 } },
    );
    const response = await fetch(gateway.url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    rest.resolve();
    expect(await response.text()).toBe('data: 1\n\n');
  });

  test.each([
    ['without head', {}],
    ['with head', { status: 403, headers: { 'x-a': 'b' } }],
    ['with a head that disagrees', { status: 200, headers: { 'x-a': 'b' } }],
  ])('GW-32: a refused stream %s', async (_, head) => {
    const gateway = await start(chunksThenOk({ ...head, done: true, errorStatus: 403 }));
    const response = await fetch(gateway.url);
    expect([response.status, await response.text()]).toEqual([403, '']);
    expect(response.headers.get('x-a')).toBe('headers' in head ? 'b' : null);
  });

  test('POST-3: what needs no answer is 202 without a body', async () => {
    const gateway = await start({ health: () => streaming, ...chunksThenOk({ status: 202, done: true }) });
    const response = await fetch(gateway.url, post({}));
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(response.headers.get('content-length')).toBe('0');
  });

  test.each<[string, NonNullable<RuntimeScript['invokeStream']>]>([
    [
      'breaks',
      async (call) => {
        await writeChunks(call, [{ data: bytes('data: 1\n\n') }]);
        throw grpcFailure(status.INTERNAL, 'secret');
      },
    ],
    [
      'ends without done',
      async (call) => {
        await writeChunks(call, [{ data: bytes('data: 1\n\n') }]);
        call.end();
      },
    ],
  ])('GW-36: a stream that %s is torn, after what came of it', async (_, invokeStream) => {
    const gateway = await start({ invokeStream });
    const response = await fetch(gateway.url);
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    await expect(reader?.read()).rejects.toThrow('terminated');
    expect(
      await gateway.gateway.registry.getSingleMetricAsString('mcp_gateway_streams_broken_total'),
    ).toMatch(/ 1$/);
  });

  test('GW-36: an HTTP/1.0 caller sees it by a reset', async () => {
    const gateway = await start({
      invokeStream: async (call) => {
        await writeChunks(call, [{ data: bytes('data: 1\n\n') }]);
        call.end();
      },
    });
    await expect(gateway.raw(['GET /mcp HTTP/1.0', 'host: localhost'])).rejects.toThrow('ECONNRESET');
  });

  test('GW-37: a caller that does not read holds the runtime back, and loses nothing', async () => {
    let written = 0;
    const total = 512;
    const piece = new Uint8Array(64 * 1024);
    const stalled = deferred();
    const gateway = await start({
      health: () => streaming,
      async invokeStream(call) {
        await writeChunks(call, [{ status: 200, headers: { 'content-type': 'text/event-stream' } }]);
        for (; written < total; written += 1) {
          const waiting = setTimeout(stalled.resolve, 300);
          await writeChunks(call, [{ data: piece }]);
          clearTimeout(waiting);
        }
        stalled.resolve();
        await writeChunks(call, [{ done: true }]);
        call.end();
      },
    });
    const socket = gateway.connect();
    socket.pause();
    socket.write('GET /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    await stalled.promise;
    expect(written).toBeLessThan(total);
    let received = 0;
    socket.on('data', (data) => {
      received += data.length;
    });
    socket.resume();
    await once(socket, 'end');
    expect(written).toBe(total);
    expect(received).toBeGreaterThan(total * piece.length);
  });

  test('GW-38: a caller that goes away cancels the call', async () => {
    const began = deferred();
    const cancelled = { invoke: deferred(), stream: deferred() };
    const gateway = await start({
      invoke: (_, call) => {
        call.on('cancelled', cancelled.invoke.resolve);
        began.resolve();
        return new Promise(() => {});
      },
      async invokeStream(call) {
        call.on('cancelled', cancelled.stream.resolve);
        await writeChunks(call, [{ data: bytes('data: 1\n\n') }]);
      },
    });
    const leaving = new AbortController();
    const answer = fetch(gateway.url, { ...post({}), signal: leaving.signal });
    await began.promise;
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await cancelled.invoke.promise;
    const stream = await fetch(gateway.url);
    await stream.body?.cancel();
    await cancelled.stream.promise;
  });
});

describe('failures and limits', () => {
  test('GW-40, GW-45: 502 while there is no runtime, and service when there is', async () => {
    const gateway = await start(undefined, { limits: { connectMs: 50 } });
    const refused = await fetch(gateway.url, post({}));
    expect([refused.status, await refused.json()]).toEqual([502, unavailable]);
    await gateway.startRuntime(recorder().script);
    expect((await fetch(gateway.url, post({}))).status).toBe(200);
    gateway.killRuntime();
    expect((await fetch(gateway.url, post({}))).status).toBe(502);
    await gateway.startRuntime(recorder().script);
    expect((await fetch(gateway.url, post({}))).status).toBe(200);
  });

  test.each([
    'INVALID_ARGUMENT',
    'RESOURCE_EXHAUSTED',
    'UNIMPLEMENTED',
    'INTERNAL',
    'UNAUTHENTICATED',
  ] as const)('GW-41, GW-43: gRPC status %s is 502, and says nothing', async (name) => {
    const fail = () => {
      throw grpcFailure(status[name], 'secret /run/x.sock');
    };
    const gateway = await start({ invoke: fail, closeSession: fail, invokeStream: fail });
    for (const method of ['POST', 'GET', 'DELETE']) {
      const response = await fetch(gateway.url, { method });
      const text = await response.text();
      expect([response.status, JSON.parse(text)]).toEqual([502, unavailable]);
      expect(text).not.toMatch(/secret|sock|[A-Z]_[A-Z]/);
    }
  });

  test('GW-46: a call ends with its deadline', async () => {
    const cancelled = deferred();
    const gateway = await start(
      {
        invoke: (_, call) => {
          call.on('cancelled', cancelled.resolve);
          return new Promise(() => {});
        },
      },
      { limits: { callMs: 100 } },
    );
    expect((await fetch(gateway.url, post({}))).status).toBe(502);
    await cancelled.promise;
  });

  test('a runtime that does not say how it is, is served as one that can do no more than every runtime', async () => {
    const { script, seen } = recorder();
    const gateway = await start({
      ...script,
      health: () => {
        throw new Error('no health');
      },
    });
    expect((await fetch(gateway.url, post({}))).status).toBe(200);
    expect(seen).toHaveLength(1);
  });

  test('GW-49: a body that is too large is 413, announced or not, and not read to its end', async () => {
    const { seen, script } = recorder();
    const gateway = await start(script, { limits: { maxBodyBytes: 10 } });
    expect((await fetch(gateway.url, post('x'.repeat(11)))).status).toBe(413);
    expect((await fetch(gateway.url, post('x'.repeat(10)))).status).toBe(200);
    const socket = gateway.connect();
    socket.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nb\r\n');
    socket.write(`${'x'.repeat(11)}\r\n`);
    const [head] = await once(socket, 'data');
    expect(String(head)).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
    expect(seen).toHaveLength(1);
  });

  test('GW-48: 1 MiB up, more than 4 MiB down', async () => {
    const gateway = await start({
      invoke: ({ body }) => ({ status: 200, headers: json, body: Buffer.concat(Array(5).fill(body)) }),
    });
    const response = await fetch(gateway.url, post('x'.repeat(1024 * 1024)));
    expect((await response.arrayBuffer()).byteLength).toBe(5 * 1024 * 1024);
  });
});

describe('stopping', () => {
  test('live streams end, calls are answered, and new requests are not', async () => {
    const began = deferred();
    const answer = deferred();
    const gateway = await start({
      invoke: async () => {
        began.resolve();
        await answer.promise;
        return { status: 200, headers: json, body: bytes('{}') };
      },
      invokeStream: (call) => writeChunks(call, [{ data: bytes('data: 1\n\n') }]),
    });
    const live = await fetch(gateway.url);
    const call = fetch(gateway.url, post({}));
    await began.promise;
    const closed = gateway.server.close();
    expect(await live.text()).toBe('data: 1\n\n');
    answer.resolve();
    expect((await call).status).toBe(200);
    await closed;
    await expect(fetch(gateway.url, post({}))).rejects.toThrow('fetch failed');
  });

  test('calls that last longer than the drain limit are given up', async () => {
    const began = deferred();
    const gateway = await start(
      {
        health: () => streaming,
        invoke: () => {
          began.resolve();
          return new Promise(() => {});
        },
        invokeStream: (call) =>
          writeChunks(call, [
            { status: 200, headers: { 'content-type': 'text/event-stream' } },
            { data: bytes('data: 1\n\n') },
          ]),
      },
      { limits: { drainMs: 50 } },
    );
    const unary = fetch(gateway.url, post({}, { accept: 'application/json' }));
    const streamed = await fetch(gateway.url, post({}));
    await began.promise;
    await gateway.server.close();
    expect((await unary).status).toBe(502);
    await expect(streamed.text()).rejects.toThrow('terminated');
  });
});
