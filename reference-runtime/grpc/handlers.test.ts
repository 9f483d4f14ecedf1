import { constants } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { McpRequestSchema } from '../../proto/index.ts';
import { alice, Harness, initialize, jsonOf, rpc, toolCall } from '../testing/harness.ts';
import { statusOf } from '../testing/http2-connection.ts';

const invokePath = '/contextforge.mcp.runtime.v1.McpRuntime/Invoke';
const invalidArgument = { code: 3 };

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness[Symbol.asyncDispose]());

describe('a request message', () => {
  it('may have unknown fields at every depth', async () => {
    const unknown = Buffer.from([0xa2, 0x06, 0x03, 1, 2, 3]);
    const context = Buffer.concat([
      Buffer.from([0x0a, alice.encoded.length]),
      Buffer.from(alice.encoded),
      unknown,
    ]);
    const body = Buffer.from(JSON.stringify(initialize()));
    const message = toBinary(McpRequestSchema, create(McpRequestSchema, { path: '/mcp', body }));
    const bytes = Buffer.concat([message, unknown, Buffer.from([0x3a, context.length]), context]);
    expect((await harness.raw(invokePath, bytes)).status).toBe(200);
  });

  it('is refused without affecting the runtime if it is not valid protobuf', async () => {
    for (const bytes of [[0xff], [0x0a, 0x05, 0x61], [0x07], [0x22, 0xff, 0xff, 0xff, 0xff, 0x0f]]) {
      await expect(harness.raw(invokePath, Buffer.from(bytes))).rejects.toMatchObject(invalidArgument);
    }
    await expect(
      harness.raw('/contextforge.mcp.runtime.v1.McpRuntime/HealthCheck', Buffer.from([0xff])),
    ).rejects.toMatchObject(invalidArgument);
    expect((await harness.health()).status).toBe('ok');
  });

  it('is answered with UNIMPLEMENTED for an unknown method', async () => {
    for (const path of ['/contextforge.mcp.runtime.v1.McpRuntime/Nope', '/other.Service/Invoke']) {
      await expect(harness.raw(path, Buffer.alloc(0))).rejects.toMatchObject({ code: 12 });
    }
  });

  it('is refused for a control character in a typed field', async () => {
    for (const name of ['method', 'path', 'query', 'serverId', 'sessionId'] as const) {
      for (const bad of ['\u0000', 'a\nb', '\u007f', '\u0085']) {
        await expect(harness.invoke(initialize(), { [name]: bad })).rejects.toMatchObject(invalidArgument);
      }
    }
    const stream = harness.stream({ path: '/mcp\r' });
    expect(await stream.ended).toBe(3);
  });

  it('requires a method that matches its RPC, or an empty method', async () => {
    const sessionId = await harness.session();
    for (const method of ['GET', 'DELETE', 'post', 'PATCH']) {
      await expect(harness.invoke(rpc(1, 'ping'), { sessionId, method })).rejects.toMatchObject(
        invalidArgument,
      );
    }
    for (const method of ['GET', 'POST', 'delete']) {
      await expect(harness.unary('closeSession', { sessionId, method })).rejects.toMatchObject(
        invalidArgument,
      );
    }
    expect(await harness.stream({ sessionId, method: 'DELETE' }).ended).toBe(3);
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId, method: 'POST' })).status).toBe(200);
  });

  it('is handled the same whether it was forwarded or not', async () => {
    const sessionId = await harness.session({}, { affinityForwarded: true });
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId, affinityForwarded: true })).status).toBe(200);
    const stranger = { sessionId, affinityForwarded: true, authContext: undefined };
    expect((await harness.invoke(rpc(1, 'ping'), stranger)).status).toBe(403);
  });

  it('is limited by its decompressed size', async () => {
    const bomb = toBinary(
      McpRequestSchema,
      create(McpRequestSchema, { path: '/mcp', body: new Uint8Array(64 * 1024 * 1024) }),
    );
    expect(gzipSync(bomb).length).toBeLessThan(1024 * 1024);
    const metadata = new Metadata();
    metadata.set('grpc-internal-encoding-request', 'gzip');
    await expect(harness.raw(invokePath, bomb, { metadata })).rejects.toMatchObject({ code: 8 });
    const small = toBinary(
      McpRequestSchema,
      create(McpRequestSchema, { path: '/mcp', body: Buffer.from(JSON.stringify(initialize())) }),
    );
    expect((await harness.raw(invokePath, small, { metadata })).status).toBe(200);
  });
});

describe('request header fields', () => {
  it.each([
    [{ 'a b': 'x' }],
    [{ '': 'x' }],
    [{ 'x:': 'x' }],
    [{ 'x-é': 'x' }],
    [{ x: 'é' }],
    [{ x: 'a\r\nb' }],
    [{ x: '\u0000' }],
    [{ 'X-One': '1', 'x-one': '1' }],
  ])('are refused: %j', async (headers) => {
    await expect(harness.invoke(initialize(), { headers })).rejects.toMatchObject(invalidArgument);
  });

  it('have no effect if they are internal or unknown', async () => {
    const mine = await harness.session({}, { serverId: 'one' });
    const headers = {
      'x-contextforge-auth-context': alice.encoded,
      'X-ContextForge-Server-Id': 'one',
      'x-mcp-session-id': mine,
      'mcp-session-id': mine,
      'x-forwarded-internally': 'true',
      'x-original-worker': '1',
      'x-other': 'tab\tand space',
    };
    const sessionId = await harness.session({}, { serverId: 'one', headers });
    expect(sessionId).not.toBe(mine);
    const anonymous = { headers, sessionId: mine, serverId: 'one', authContext: undefined };
    expect((await harness.invoke(rpc(1, 'ping'), anonymous)).status).toBe(403);
    expect((await harness.invoke(rpc(1, 'ping'), { headers, sessionId: mine })).status).toBe(403);
    expect((await harness.unary('closeSession', { headers })).status).toBe(400);
  });
});

describe('a call that ends early', () => {
  const stateOf = (sessionId: string, key: string) =>
    harness.callTool(sessionId, 'conformance_state', { key });

  it('does not end early if the clock jumps ahead', async () => {
    const sessionId = await harness.session();
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const waited = harness.callTool(sessionId, 'conformance_wait', { key: 'jump' });
      await expect
        .poll(() => harness.callTool(sessionId, 'conformance_state', { key: 'jump' }))
        .toBe('running');
      vi.setSystemTime(Date.now() + 3_600_000);
      expect(await harness.callTool(sessionId, 'conformance_release', { key: 'jump' })).toBe('released 1');
      expect(await waited).toBe('released');
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops its work at its deadline', async () => {
    const sessionId = await harness.session();
    const wait = harness.invoke(
      toolCall(1, 'conformance_wait', { key: 'd' }),
      { sessionId },
      { deadlineMs: 300 },
    );
    await expect(wait).rejects.toMatchObject({ code: 4 });
    await expect.poll(() => stateOf(sessionId, 'd')).toBe('cancelled');
  });

  it('stops its work when the caller cancels, and leaves the session usable', async () => {
    const sessionId = await harness.session();
    const controller = new AbortController();
    const { signal } = controller;
    const wait = harness.invoke(toolCall(1, 'conformance_wait', { key: 'c' }), { sessionId }, { signal });
    await expect.poll(() => stateOf(sessionId, 'c')).toBe('running');
    controller.abort();
    await expect(wait).rejects.toMatchObject({ code: 1 });
    await expect.poll(() => stateOf(sessionId, 'c')).toBe('cancelled');
    expect((await harness.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(200);
  });

  it('stops its work when its connection ends', async () => {
    const sessionId = await harness.session();
    const other = harness.connect();
    const stream = harness.stream(
      { sessionId, method: 'POST', json: toolCall(1, 'conformance_wait', { key: 'k' }) },
      other,
    );
    await expect.poll(() => stateOf(sessionId, 'k')).toBe('running');
    other.close();
    stream.call.cancel();
    await expect.poll(() => stateOf(sessionId, 'k')).toBe('cancelled');
  });

  it('stops its work on notifications/cancelled in its own session only', async () => {
    const [one, two] = [await harness.session(), await harness.session()];
    const cancelled = (requestId: unknown) => ({
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId },
    });
    const wait = harness.invoke(toolCall(5, 'conformance_wait', { key: 'n' }), { sessionId: one });
    await expect.poll(() => stateOf(one, 'n')).toBe('running');
    expect((await harness.invoke(cancelled(5), { sessionId: two })).status).toBe(202);
    expect((await harness.invoke(cancelled('5'), { sessionId: one })).status).toBe(202);
    expect(await stateOf(two, 'n')).toBe('running');
    expect((await harness.invoke(cancelled(5), { sessionId: one })).status).toBe(202);
    expect(jsonOf(await wait)).toMatchObject({ id: 5, error: { code: -32800 } });
    expect(await stateOf(one, 'n')).toBe('cancelled');
  });

  it('is answered with 404 when its session is closed', async () => {
    const sessionId = await harness.session();
    const other = await harness.session();
    const wait = harness.invoke(toolCall(6, 'conformance_wait', { key: 's' }), { sessionId });
    await expect.poll(() => stateOf(other, 's')).toBe('running');
    await harness.unary('closeSession', { sessionId });
    const response = await wait;
    expect([response.status, jsonOf(response).id]).toEqual([404, 6]);
    expect(await stateOf(other, 's')).toBe('cancelled');
  });

  it('does not block another call', async () => {
    const sessionId = await harness.session();
    const wait = harness.invoke(toolCall(1, 'conformance_wait', { key: 'r' }), { sessionId });
    await expect.poll(() => stateOf(sessionId, 'r')).toBe('running');
    expect(await harness.callTool(sessionId, 'conformance_release', { key: 'r' })).toBe('released 1');
    expect(jsonOf(await wait).result.content[0].text).toBe('released');
    expect(await stateOf(sessionId, 'r')).toBe('finished');
    expect(await stateOf(sessionId, 'other')).toBe('unknown');
  });
});

describe('an unknown compression', () => {
  it('fails the call with UNIMPLEMENTED', async () => {
    const request = harness.connectHttp2().request('Invoke', { 'grpc-encoding': 'br' });
    request.end(Buffer.from([1, 0, 0, 0, 1, 0]));
    expect(await statusOf(request)).toBe('12');
  });
});

describe('a connection', () => {
  const empty = Buffer.alloc(5);

  it('carries calls with any authority', async () => {
    const connection = harness.connectHttp2();
    for (const authority of ['a', '/run/mcp/runtime.sock', '%2Frun%2Fmcp.sock', 'unix:/run/a', 'a:1']) {
      const request = connection.request('HealthCheck', { ':authority': authority });
      request.end(empty);
      expect([authority, await statusOf(request)]).toEqual([authority, '0']);
    }
  });

  it('outlives any number of cancelled calls', async () => {
    const connection = harness.connectHttp2();
    const staying = connection.request('HealthCheck');
    for (let round = 0; round < 40; round++) {
      const requests = Array.from({ length: 50 }, () => connection.request('HealthCheck'));
      for (const request of requests) request.close(constants.NGHTTP2_CANCEL);
      await Promise.all(requests.map(statusOf));
    }
    staying.end(empty);
    expect(await statusOf(staying)).toBe('0');
    expect(connection.isOpen).toBe(true);
  });
});

it('a refusal does not quote a long name whole', async () => {
  const headers = { [`${'x'.repeat(20_000)}`]: 'a\0b' };
  const refusal = await harness.invoke(initialize(), { headers }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 3, details: expect.stringMatching(/^.{900,1100}$/) });
});
