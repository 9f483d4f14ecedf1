import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { describe, expect, it, vi } from 'vitest';
import type { McpRequest } from '../proto/index.ts';
import { encodeAuthContext } from './auth-context.ts';
import { AbortError, ClientClosedError, DeadlineError, RuntimeCallError } from './errors.ts';
import { createRuntimeClient } from './grpc-runtime-client.ts';
import { toGatewayResponse } from './messages.ts';
import type { RuntimeClient } from './runtime-client.ts';
import { deferred } from './testing/deferred.ts';
import { chunksThenOk, grpcFailure, socketFolder, startRuntime } from './testing/scripted-runtime.ts';

const backoff = { initialMs: 5, maxMs: 20 };
const never = () => new Promise<never>(() => {});

/** Returns the reason with which a promise rejects. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

describe('createRuntimeClient', () => {
  it('names an invalid option', () => {
    expect(() => createRuntimeClient({ socketPath: '' })).toThrow(/socketPath is empty/);
    expect(() => createRuntimeClient({ socketPath: `/${'x'.repeat(120)}` })).toThrow(
      /socketPath has 121 bytes/,
    );
    expect(() => createRuntimeClient({ target: '' })).toThrow(/target is empty/);
    expect(() => createRuntimeClient({ socketPath: 'x', deadlineMs: 0 })).toThrow(/deadlineMs/);
    expect(() => createRuntimeClient({ socketPath: 'x', deadlineMs: Infinity })).toThrow(/deadlineMs/);
    expect(() => createRuntimeClient({ socketPath: 'x', streamIdleTimeoutMs: Number.NaN })).toThrow(
      /streamIdleTimeoutMs/,
    );
    expect(() => createRuntimeClient({ socketPath: 'x', maxReceiveBytes: -1 })).toThrow(/maxReceiveBytes/);
    expect(() => createRuntimeClient({ socketPath: 'x', backoff: { initialMs: 9, maxMs: 3 } })).toThrow(
      /backoff.maxMs/,
    );
  });
});

describe('connecting', () => {
  /** Resolves when a connection attempt of the client has failed. */
  async function failToConnect(client: RuntimeClient): Promise<void> {
    expect(await failureOf(client.waitUntilReady({ deadlineMs: 50 }))).toMatchObject({ kind: 'ready' });
  }

  it('reports whether it is connected', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff });
    expect(client.connected).toBe(false);
    const runtime = await startRuntime(folder.socketPath, {});
    await client.healthCheck();
    expect(client.connected).toBe(true);
    runtime.kill();
    await expect.poll(() => client.connected).toBe(false);
    await using _next = await startRuntime(folder.socketPath, {});
    await client.healthCheck();
    expect(client.connected).toBe(true);
    client.close();
    expect(client.connected).toBe(false);
  });

  it('CLIENT-1: completes calls made before the socket exists', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff });
    await failToConnect(client);
    const calls = [client.healthCheck(), client.invoke({ body: '{}' })] as const;
    const stream = client.invokeStream({});
    await using _runtime = await startRuntime(folder.socketPath, chunksThenOk({ done: true }));
    expect((await calls[0]).status).toBe('ok');
    expect((await calls[1]).status).toBe(200);
    expect((await stream.head).status).toBe(200);
  });

  it('CLIENT-1: reconnects after the runtime was killed and restarted', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff });
    for (const round of ['1', '2', '3']) {
      await failToConnect(client);
      const early = client.invoke({});
      await using runtime = await startRuntime(folder.socketPath, {
        invoke: (request) => (request.query === 'hang' ? never() : { status: 200, headers: { round } }),
      });
      expect((await early).headers).toEqual({ round });
      const inFlight = failureOf(client.invoke({ query: 'hang' }));
      await client.healthCheck();
      runtime.kill();
      expect(await inFlight).toBeInstanceOf(RuntimeCallError);
    }
  });

  it('CLIENT-1: fails calls in flight with UNAVAILABLE when the connection is lost, and reconnects', async () => {
    await using folder = await socketFolder();
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: (request) => (request.query === 'hang' ? never() : { status: 200 }),
    });
    const ends: Socket[] = [];
    const relay = createServer((inward) => {
      const outward = connect(folder.socketPath);
      for (const end of [inward, outward]) ends.push(end.on('error', () => {}));
      inward.pipe(outward).pipe(inward);
    }).listen(`${folder.socketPath}.relay`);
    try {
      await once(relay, 'listening');
      await using client = createRuntimeClient({ socketPath: `${folder.socketPath}.relay`, backoff });
      const inFlight = failureOf(client.invoke({ query: 'hang' }));
      await client.healthCheck();
      for (const end of ends.splice(0)) end.destroy();
      expect(await inFlight).toMatchObject({ grpcStatusName: 'UNAVAILABLE', retryable: true });
      expect((await client.invoke({})).status).toBe(200);
    } finally {
      relay.close();
      for (const end of ends) end.destroy();
    }
  });

  it('CLIENT-2: a clock that jumps ahead does not use up the deadline of a call that waits', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      await failToConnect(client);
      const answer = client.invoke({}, { deadlineMs: 20_000 });
      vi.setSystemTime(Date.now() + 3_600_000);
      let timeout: unknown;
      await using _runtime = await startRuntime(folder.socketPath, {
        invoke: (_, call) => {
          timeout = Number(call.getDeadline()) - Date.now();
          return { status: 200 };
        },
      });
      expect((await answer).status).toBe(200);
      expect(timeout).toBeGreaterThan(0);
      expect(timeout).toBeLessThanOrEqual(20_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('fails immediately with UNAVAILABLE if waitForRuntime is false', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff, waitForRuntime: false });
    const calls = [client.healthCheck(), client.invoke({}), client.invokeStream({}).head];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toMatchObject({ grpcStatusName: 'UNAVAILABLE', retryable: true });
    }
  });

  it('CLIENT-1: reconnects after a killed runtime left a stale socket file', async () => {
    await using folder = await socketFolder();
    const stale = createServer().listen(`${folder.socketPath}.old`);
    await once(stale, 'listening');
    await rename(`${folder.socketPath}.old`, folder.socketPath);
    await new Promise((resolve) => stale.close(resolve));
    await using client = createRuntimeClient({ ...folder, backoff });
    await failToConnect(client);
    const health = client.healthCheck();
    await rm(folder.socketPath);
    await using _runtime = await startRuntime(folder.socketPath, {});
    expect((await health).status).toBe('ok');
  });
});

describe('deadlines', () => {
  it('CLIENT-2: cancel an unanswered call, and the runtime sees the cancellation', async () => {
    await using folder = await socketFolder();
    const cancelled = deferred();
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: (_request, call) => {
        call.on('cancelled', cancelled.resolve);
        return never();
      },
    });
    await using client = createRuntimeClient({ ...folder, deadlineMs: 60_000 });
    await client.healthCheck();
    const error = await failureOf(client.invoke({}, { deadlineMs: 50 }));
    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({ code: 'DEADLINE', kind: 'call', retryable: false });
    await cancelled.promise;
  });

  it("CLIENT-2: default to the client's deadline on every RPC", async () => {
    await using folder = await socketFolder();
    await using _runtime = await startRuntime(folder.socketPath, { invoke: never, closeSession: never });
    await using client = createRuntimeClient({ ...folder, deadlineMs: 50 });
    await client.waitUntilReady({ deadlineMs: 10_000 });
    const calls = [client.invoke({}), client.closeSession({})];
    for (const failure of await Promise.all(calls.map(failureOf))) {
      expect(failure).toMatchObject({ code: 'DEADLINE', kind: 'call' });
    }
  });

  it('CLIENT-2: report the kind "connect" if the server is missing or never answers', async () => {
    await using folder = await socketFolder();
    await using client = createRuntimeClient({ ...folder, backoff, deadlineMs: 50 });
    expect(await failureOf(client.invoke({}))).toMatchObject({ kind: 'connect', retryable: true });
    expect(await failureOf(client.invokeStream({}).head)).toMatchObject({ kind: 'connect' });
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(folder.socketPath);
    await once(silent, 'listening');
    try {
      expect(await failureOf(client.healthCheck())).toBeInstanceOf(DeadlineError);
    } finally {
      silent.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  it('must be valid', async () => {
    await using client = createRuntimeClient({ socketPath: 'nowhere.sock' });
    for (const deadlineMs of [0, -1, Number.NaN, Infinity]) {
      expect(await failureOf(client.invoke({}, { deadlineMs }))).toBeInstanceOf(RangeError);
    }
  });
});

describe('calls', () => {
  it('CLIENT-3: accepts a response larger than 4 MiB', async () => {
    await using folder = await socketFolder();
    const body = Buffer.alloc(9 * 1024 * 1024, 'x');
    await using _runtime = await startRuntime(folder.socketPath, { invoke: () => ({ status: 200, body }) });
    await using client = createRuntimeClient(folder);
    expect((await client.invoke({})).body.byteLength).toBe(body.byteLength);
    await using limited = createRuntimeClient({ ...folder, maxReceiveBytes: 1024 });
    expect(await failureOf(limited.invoke({}))).toMatchObject({ grpcStatusName: 'RESOURCE_EXHAUSTED' });
  });

  it('sends all fields of a request, with the defaults of its RPC', async () => {
    await using folder = await socketFolder();
    const received: McpRequest[] = [];
    const record = (request: McpRequest) => {
      received.push(request);
      return { status: 204 };
    };
    await using _runtime = await startRuntime(folder.socketPath, { invoke: record, closeSession: record });
    await using client = createRuntimeClient(folder);
    const authContext = encodeAuthContext({ isAuthenticated: true, email: 'a@example.com' }, 5);
    await client.invoke({
      body: '\u2603',
      serverId: 'a b',
      authContext,
      sessionId: 's',
      affinityForwarded: true,
    });
    await client.closeSession({ path: '/p', query: 'q', body: Uint8Array.of(1) });
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: '/servers/a%20b/mcp',
        body: Buffer.from('\u2603'),
        serverId: 'a b',
        authContext,
        sessionId: 's',
        affinityForwarded: true,
      },
      { method: 'DELETE', path: '/p', query: 'q', body: Buffer.from([1]) },
    ]);
    expect(received[1]?.authContext).toBeUndefined();
  });

  it('CLIENT-4: sanitises header fields from any source', async () => {
    await using folder = await socketFolder();
    const received: McpRequest[] = [];
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: (request) => {
        received.push(request);
        return { status: 200 };
      },
    });
    await using client = createRuntimeClient(folder);
    await client.invoke({
      headers: { Host: 'h', 'X-ContextForge-A': 'b', Accept: 'a', accept: 'b', __proto__x: 'c' },
    });
    expect(received[0]?.headers).toEqual({ accept: 'a, b', __proto__x: 'c' });
  });

  it('returns an HTTP status of 400 or more as an answer', async () => {
    await using folder = await socketFolder();
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: () => ({
        status: 403,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from('{}'),
      }),
    });
    await using client = createRuntimeClient(folder);
    expect(await client.invoke({})).toMatchObject({
      status: 403,
      headers: { 'content-type': 'application/json' },
    });
  });

  it('CLIENT-12: throws a gRPC status, which a gateway converts to 502 without its message', async () => {
    await using folder = await socketFolder();
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: () => {
        throw grpcFailure(status.INVALID_ARGUMENT, 'secret');
      },
    });
    await using client = createRuntimeClient(folder);
    const error = await failureOf(client.invoke({}));
    expect(error).toBeInstanceOf(RuntimeCallError);
    expect(error).toMatchObject({
      code: 'RPC_FAILED',
      grpcStatus: 3,
      grpcStatusName: 'INVALID_ARGUMENT',
      details: 'secret',
      retryable: false,
    });
    const response = toGatewayResponse(error);
    expect(response.status).toBe(502);
    expect(new TextDecoder().decode(response.body)).not.toContain('secret');
  });

  it('CLIENT-11: cancels the RPC at the runtime on an abort', async () => {
    await using folder = await socketFolder();
    const started = deferred();
    const cancelled = deferred();
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: (_request, call) => {
        call.on('cancelled', cancelled.resolve);
        started.resolve();
        return never();
      },
    });
    await using client = createRuntimeClient(folder);
    const controller = new AbortController();
    const failed = failureOf(client.invoke({}, { signal: controller.signal }));
    await started.promise;
    controller.abort('gone');
    const error = await failed;
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'gone' });
    await cancelled.promise;
  });

  it('CLIENT-11: sends nothing if the signal is already aborted', async () => {
    await using folder = await socketFolder();
    let calls = 0;
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: () => {
        calls += 1;
        return { status: 200 };
      },
    });
    await using client = createRuntimeClient(folder);
    expect(await failureOf(client.invoke({}, { signal: AbortSignal.abort() }))).toBeInstanceOf(AbortError);
    await client.invoke({});
    expect(calls).toBe(1);
  });

  it('ends calls in flight when it is closed, and refuses later calls', async () => {
    await using folder = await socketFolder();
    const started = deferred();
    await using _runtime = await startRuntime(folder.socketPath, {
      invoke: () => {
        started.resolve();
        return never();
      },
    });
    const client = createRuntimeClient(folder);
    const stream = client.invokeStream({});
    const inFlight = failureOf(client.invoke({}));
    await started.promise;
    client.close();
    client.close();
    expect(await inFlight).toBeInstanceOf(ClientClosedError);
    expect(await failureOf(stream.head)).toBeInstanceOf(ClientClosedError);
    expect(await failureOf(client.healthCheck())).toBeInstanceOf(ClientClosedError);
    expect(() => client.invokeStream({})).toThrow(ClientClosedError);
  });
});
