import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { deferred } from '../client/testing/deferred.ts';
import {
  bytes,
  chunksThenOk,
  grpcFailure,
  type RuntimeScript,
  writeChunks,
} from '../client/testing/scripted-runtime.ts';
import { eventStream, post, ScriptedGateway, streaming } from './testing/scripted-gateway.ts';

const unavailable = { jsonrpc: '2.0', id: null, error: { code: -32000, message: expect.any(String) } };

describe('the response to the caller', () => {
  test('GW-28 to GW-30: has status, header fields and body, without hop-by-hop fields', async () => {
    await using gateway = await ScriptedGateway.start({
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

  test.each([0, 100, 199, 600, -1])('GW-30: is 502 for the status %d', async (code) => {
    await using gateway = await ScriptedGateway.start({ invoke: () => ({ status: code }) });
    const response = await fetch(gateway.url, post({}));
    expect([response.status, await response.json()]).toEqual([502, unavailable]);
  });

  test('is 502 for an oversized header', async () => {
    await using gateway = await ScriptedGateway.start({
      invoke: () => ({ status: 200, headers: { 'x-a': 'a'.repeat(100_000) } }),
    });
    const response = await fetch(gateway.url, post({}));
    expect([response.status, await response.json()]).toEqual([502, unavailable]);
  });

  test('is 502 for an answer over the limit', async () => {
    await using gateway = await ScriptedGateway.start(
      { invoke: () => ({ status: 200, body: new Uint8Array(2000) }) },
      { limits: { maxAnswerBytes: 1000 } },
    );
    const response = await fetch(gateway.url, post({}));
    expect([response.status, await response.json()]).toEqual([502, unavailable]);
  });

  test('GW-31, GW-34: starts with the head before any data, and sends data without delay', async () => {
    const second = deferred();
    const third = deferred();
    await using gateway = await ScriptedGateway.start({
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

  test('GW-31: is 200 after a delay for an idle stream without a head', async () => {
    const rest = deferred();
    await using gateway = await ScriptedGateway.start(
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
    ['with a conflicting head', { status: 200, headers: { 'x-a': 'b' } }],
  ])('GW-32: reports a refused stream %s', async (_, head) => {
    await using gateway = await ScriptedGateway.start(
      chunksThenOk({ ...head, done: true, errorStatus: 403 }),
    );
    const response = await fetch(gateway.url);
    expect([response.status, await response.text()]).toEqual([403, '']);
    expect(response.headers.get('x-a')).toBe('headers' in head ? 'b' : null);
  });

  test('GW-50: returns the body of a refused stream', async () => {
    await using gateway = await ScriptedGateway.start({
      health: () => streaming,
      ...chunksThenOk(
        { status: 404, headers: { 'content-type': 'application/json' } },
        { data: bytes('{"a"') },
        { data: bytes(':1}') },
        { done: true },
      ),
    });
    const response = await fetch(gateway.url, post({}));
    expect([response.status, await response.text()]).toEqual([404, '{"a":1}']);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  test('POST-3: is 202 without a body for a notification', async () => {
    await using gateway = await ScriptedGateway.start({
      health: () => streaming,
      ...chunksThenOk({ status: 202, done: true }),
    });
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
  ])('GW-36: is aborted after the received data if the stream %s', async (_, invokeStream) => {
    await using gateway = await ScriptedGateway.start({ invokeStream });
    const response = await fetch(gateway.url);
    expect(response.status).toBe(200);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 1\n\n');
    await expect(reader?.read()).rejects.toThrow('terminated');
    expect(
      await gateway.gateway.registry.getSingleMetricAsString('mcp_gateway_streams_broken_total'),
    ).toMatch(/ 1$/);
  });

  test('GW-36: resets a failed stream for an HTTP/1.0 caller', async () => {
    await using gateway = await ScriptedGateway.start({
      invokeStream: async (call) => {
        await writeChunks(call, [{ data: bytes('data: 1\n\n') }]);
        call.end();
      },
    });
    await expect(gateway.raw(['GET /mcp HTTP/1.0', 'host: localhost'])).rejects.toThrow('ECONNRESET');
  });

  test('GW-37: applies back-pressure to the runtime without loss', async () => {
    let written = 0;
    const total = 512;
    const piece = new Uint8Array(64 * 1024);
    const stalled = deferred();
    await using gateway = await ScriptedGateway.start({
      health: () => streaming,
      async invokeStream(call) {
        await writeChunks(call, [eventStream]);
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

  test('GW-38: is cancelled when the caller disconnects', async () => {
    const began = deferred();
    const cancelled = { invoke: deferred(), stream: deferred() };
    await using gateway = await ScriptedGateway.start({
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
