import { afterEach, describe, expect, test } from 'vitest';
import { deferred } from '../client/testing/deferred.ts';
import {
  bytes,
  type RuntimeScript,
  type ScriptedRuntime,
  socketFolder,
  startRuntime,
  writeChunks,
} from '../client/testing/scripted-runtime.ts';
import type { McpRequest } from '../proto/index.ts';
import { createGateway, type FetchHandler, fetchHandler, grpcRuntime } from './index.ts';
import { post } from './testing/scripted-gateway.ts';

const url = 'http://localhost:8080/mcp';
const resources: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function start(script: RuntimeScript): Promise<{ handle: FetchHandler; runtime: ScriptedRuntime }> {
  const folder = await socketFolder();
  const runtime = await startRuntime(folder.socketPath, script);
  const gateway = createGateway({
    runtime: grpcRuntime({ socketPath: folder.socketPath }),
    anonymous: 'allow',
  });
  resources.push(folder, runtime, gateway);
  return { handle: fetchHandler(gateway), runtime };
}

describe('fetchHandler', () => {
  test('converts a Request to a call and its response to a Response', async () => {
    const seen: McpRequest[] = [];
    const { handle } = await start({
      invoke: (request) => {
        seen.push(request);
        return { status: 201, headers: { 'x-a': 'b' }, body: bytes('yes') };
      },
    });
    const headers = { 'mcp-session-id': 's', 'x-forwarded-internally': 'true' };
    const response = await handle(new Request(`${url}?q=1`, post('{}', headers)), {
      peerAddress: '::1',
    });
    expect([response.status, response.headers.get('x-a'), await response.text()]).toEqual([201, 'b', 'yes']);
    expect(seen).toMatchObject([
      { method: 'POST', path: '/mcp', query: 'q=1', sessionId: 's', affinityForwarded: true },
    ]);
    await handle(new Request(url, post('{}', headers)));
    expect(seen[1]?.affinityForwarded).toBe(false);
  });

  test('GW-27: takes the host from the URL if the header field is missing', async () => {
    const { handle } = await start({});
    expect((await handle(new Request('http://evil.example/mcp', post('{}')))).status).toBe(403);
    const spoofed = new Request(url, post('{}', { host: 'evil.example' }));
    expect((await handle(spoofed)).status).toBe(403);
  });

  test('returns a Response without a body', async () => {
    const { handle } = await start({ closeSession: () => ({ status: 204 }) });
    const response = await handle(new Request(url, { method: 'DELETE' }));
    expect([response.status, response.body]).toEqual([204, null]);
  });

  test('GW-34, GW-36: streams without delay, and fails if the stream fails', async () => {
    const more = deferred();
    const { handle } = await start({
      async invokeStream(call) {
        await writeChunks(call, [{ data: bytes('one') }]);
        await more.promise;
        await writeChunks(call, [{ data: bytes('two') }]);
        call.end();
      },
    });
    const response = await handle(new Request(url));
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one');
    more.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('two');
    await expect(reader?.read()).rejects.toThrow('without a done chunk');
  });

  test('GW-38: cancels the call when the caller disconnects', async () => {
    const cancelled = [deferred(), deferred()];
    let calls = 0;
    const { handle } = await start({
      async invokeStream(call) {
        call.on('cancelled', () => cancelled[calls++]?.resolve());
        await writeChunks(call, [{ data: bytes('one') }]);
      },
    });
    await (await handle(new Request(url))).body?.cancel();
    await cancelled[0]?.promise;
    const leaving = new AbortController();
    await handle(new Request(url, { signal: leaving.signal }));
    leaving.abort();
    await cancelled[1]?.promise;
  });
});
