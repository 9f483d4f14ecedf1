import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { deferred } from '../client/testing/deferred.ts';
import { bytes, grpcFailure, writeChunks } from '../client/testing/scripted-runtime.ts';
import { eventStream, json, post, recorder, ScriptedGateway, streaming } from './testing/scripted-gateway.ts';

const unavailable = { jsonrpc: '2.0', id: null, error: { code: -32000, message: expect.any(String) } };

describe('failures and limits', () => {
  test('GW-40, GW-45: calls get 502 without a runtime, and succeed once the runtime is running', async () => {
    await using gateway = await ScriptedGateway.start(undefined, { limits: { connectMs: 600 } });
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
  ] as const)('GW-41, GW-43: gRPC status %s becomes 502 without details', async (name) => {
    const fail = () => {
      throw grpcFailure(status[name], 'secret /run/x.sock');
    };
    await using gateway = await ScriptedGateway.start({
      invoke: fail,
      closeSession: fail,
      invokeStream: fail,
    });
    for (const method of ['POST', 'GET', 'DELETE']) {
      const response = await fetch(gateway.url, { method });
      const text = await response.text();
      expect([response.status, JSON.parse(text)]).toEqual([502, unavailable]);
      expect(text).not.toMatch(/secret|sock|[A-Z]_[A-Z]/);
    }
  });

  test('GW-46: a call ends at its deadline', async () => {
    const cancelled = deferred();
    await using gateway = await ScriptedGateway.start(
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

  test('a runtime that fails HealthCheck counts as one without capabilities', async () => {
    const { script, seen } = recorder();
    await using gateway = await ScriptedGateway.start({
      ...script,
      health: () => {
        throw new Error('no health');
      },
    });
    expect((await fetch(gateway.url, post({}))).status).toBe(200);
    expect(seen).toHaveLength(1);
  });

  test('GW-49: an oversized body gets 413, with or without content-length, and is not read to its end', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script, { limits: { maxBodyBytes: 10 } });
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

  test('GW-48: requests of 1 MiB and responses over 4 MiB pass', async () => {
    await using gateway = await ScriptedGateway.start({
      invoke: ({ body }) => ({ status: 200, headers: json, body: Buffer.concat(Array(5).fill(body)) }),
    });
    const response = await fetch(gateway.url, post('x'.repeat(1024 * 1024)));
    expect((await response.arrayBuffer()).byteLength).toBe(5 * 1024 * 1024);
  });
});

describe('stopping', () => {
  test('live streams end, calls are answered, and new requests are refused', async () => {
    const began = deferred();
    const answer = deferred();
    await using gateway = await ScriptedGateway.start({
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

  test('calls are aborted after the drain limit', async () => {
    const began = deferred();
    await using gateway = await ScriptedGateway.start(
      {
        health: () => streaming,
        invoke: () => {
          began.resolve();
          return new Promise(() => {});
        },
        invokeStream: (call) => writeChunks(call, [eventStream, { data: bytes('data: 1\n\n') }]),
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
