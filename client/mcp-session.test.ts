import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { McpRequest } from '../proto/index.ts';
import { encodeAuthContext } from './auth-context.ts';
import { HttpStatusError, JsonRpcResponseError } from './errors.ts';
import { createRuntimeClient } from './grpc-runtime-client.ts';
import { isJsonRpcRequest, type JsonRpcMessage } from './json-rpc.ts';
import { McpSession } from './mcp-session.ts';
import type { RuntimeClient } from './runtime-client.ts';
import { deferred } from './testing/deferred.ts';
import {
  bytes,
  grpcFailure,
  type RuntimeScript,
  socketFolder,
  startRuntime,
  writeChunks,
} from './testing/scripted-runtime.ts';

const json = { 'content-type': 'application/json' };
const sse = { 'content-type': 'text/event-stream' };
const clientInfo = { name: 'test', version: '1' };

interface Rpc {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
}

function rpcOf(request: McpRequest): Rpc {
  return JSON.parse(new TextDecoder().decode(request.body)) as Rpc;
}

function jsonAnswer(message: object, httpStatus = 200) {
  return { status: httpStatus, headers: json, body: bytes(JSON.stringify({ jsonrpc: '2.0', ...message })) };
}

/** Creates a runtime with one session. It answers `initialize` and passes other requests to `answer`. */
function sessionRuntime(
  answer: (rpc: Rpc) => ReturnType<typeof jsonAnswer>,
  log: McpRequest[] = [],
): RuntimeScript {
  return {
    invoke(request) {
      log.push(request);
      const rpc = rpcOf(request);
      if (rpc.method === 'initialize') {
        const result = {
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 'r' },
        };
        const response = jsonAnswer({ id: rpc.id, result });
        return { ...response, headers: { ...json, 'mcp-session-id': 'session-1' } };
      }
      return rpc.id === undefined || rpc.method === undefined ? { status: 202 } : answer(rpc);
    },
    closeSession(request) {
      log.push(request);
      return { status: 204 };
    },
  };
}

async function withClient(
  script: RuntimeScript,
  test: (client: RuntimeClient) => Promise<void>,
): Promise<void> {
  await using folder = await socketFolder();
  await using _runtime = await startRuntime(folder.socketPath, script);
  await using client = createRuntimeClient(folder);
  await test(client);
}

describe('McpSession', () => {
  it('does the handshake, then sends session, revision, scope and caller on every call', async () => {
    const log: McpRequest[] = [];
    const authContext = encodeAuthContext({ isAuthenticated: true, email: 'a@example.com' });
    await withClient(
      sessionRuntime(({ id }) => jsonAnswer({ id, result: { x: 1 } }), log),
      async (client) => {
        {
          await using session = await McpSession.initialize(client, {
            clientInfo,
            serverId: 'srv',
            authContext,
          });
          expect(session.id).toBe('session-1');
          expect(session.server).toEqual({
            protocolVersion: '2025-06-18',
            capabilities: { tools: {} },
            serverInfo: { name: 'r' },
            instructions: undefined,
          });
          expect(await session.request('tools/list', { cursor: 'c' })).toEqual({ x: 1 });
          await session.notify('notifications/roots/list_changed');
        }
        expect(
          log.map(({ method, sessionId, body }) => [
            method,
            sessionId,
            body.length && rpcOfBody(body).method,
          ]),
        ).toEqual([
          ['POST', '', 'initialize'],
          ['POST', 'session-1', 'notifications/initialized'],
          ['POST', 'session-1', 'tools/list'],
          ['POST', 'session-1', 'notifications/roots/list_changed'],
          ['DELETE', 'session-1', 0],
        ]);
        for (const request of log) expect(request).toMatchObject({ serverId: 'srv', authContext });
        expect(log.map(({ headers }) => headers['mcp-protocol-version'])).toEqual([
          undefined,
          ...Array(4).fill('2025-06-18'),
        ]);
      },
    );
  });

  it('accepts an answer in SSE', async () => {
    const script = sessionRuntime(({ id }) => ({
      status: 200,
      headers: sse,
      body: bytes(
        `data: {"jsonrpc":"2.0","method":"n"}\r\n\r\ndata: {"jsonrpc":"2.0","id":${id},"result":7}\r\r`,
      ),
    }));
    await withClient(script, async (client) => {
      await using session = await McpSession.initialize(client, { clientInfo });
      expect(await session.request('x')).toBe(7);
    });
  });

  it('distinguishes the layers of failure', async () => {
    const script = sessionRuntime(({ id, method }) => {
      if (method === 'grpc') throw grpcFailure(status.RESOURCE_EXHAUSTED, 'big');
      const error = { code: -32601, message: 'no such method' };
      return jsonAnswer({ id, error }, method === 'http' ? 404 : 200);
    });
    await withClient(script, async (client) => {
      await using session = await McpSession.initialize(client, { clientInfo });
      await expect(session.request('grpc')).rejects.toMatchObject({ code: 'RPC_FAILED' });
      await expect(session.request('http')).rejects.toMatchObject({
        code: 'HTTP_STATUS',
        status: 404,
        jsonRpcError: { code: -32601 },
      });
      await expect(session.request('http')).rejects.toBeInstanceOf(HttpStatusError);
      await expect(session.request('rpc')).rejects.toBeInstanceOf(JsonRpcResponseError);
    });
  });

  it('streams a request with onMessage, and answers requests from the server', async () => {
    const answered = deferred<unknown>();
    const script: RuntimeScript = {
      ...sessionRuntime(() => jsonAnswer({})),
      async invokeStream(call, request) {
        const { id } = rpcOf(request);
        const send = (message: object) => ({
          data: bytes(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`),
        });
        await writeChunks(call, [
          send({ method: 'notifications/progress' }),
          send({ id: 'q1', method: 'sampling/createMessage' }),
        ]);
        const result = await answered.promise;
        await writeChunks(call, [send({ id, result }), { done: true }]);
        call.end();
      },
    };
    const { invoke } = script;
    script.invoke = (request, call) => {
      const message = rpcOf(request) as { id?: unknown; result?: unknown };
      if (message.id === 'q1') answered.resolve(message.result);
      return invoke?.(request, call) ?? { status: 500 };
    };
    await withClient(script, async (client) => {
      await using session = await McpSession.initialize(client, { clientInfo });
      const messages: JsonRpcMessage[] = [];
      const onMessage = async (message: JsonRpcMessage) => {
        messages.push(message);
        if (isJsonRpcRequest(message)) await session.respond(message.id, { answer: 42 });
      };
      expect(await session.request('tools/call', {}, { onMessage })).toEqual({ answer: 42 });
      expect(messages).toMatchObject([{ method: 'notifications/progress' }, { id: 'q1' }]);
    });
  });

  it('resumes the stream of a request that ends before its response, while it makes progress', async () => {
    const opened: [string, string | undefined][] = [];
    const script: RuntimeScript = {
      ...sessionRuntime(() => jsonAnswer({})),
      async invokeStream(call, request) {
        opened.push([request.method, request.headers['last-event-id']]);
        const events = [
          'retry: 1\nid: e1\ndata:\n\n',
          'id: e2\ndata: {"jsonrpc":"2.0","id":1,"result":"late"}\n\n',
        ];
        await writeChunks(call, [{ data: bytes(events[opened.length - 1] ?? '') }, { done: true }]);
        call.end();
      },
    };
    await withClient(script, async (client) => {
      await using session = await McpSession.initialize(client, { clientInfo });
      const onMessage = () => {};
      expect(await session.request('x', {}, { onMessage, deadlineMs: 10_000 })).toBe('late');
      await expect(session.request('y', {}, { onMessage })).rejects.toMatchObject({
        code: 'CONTRACT_VIOLATION',
      });
      expect(opened).toEqual([
        ['POST', undefined],
        ['GET', 'e1'],
        ['POST', undefined],
      ]);
    });
  });

  it('opens its live stream, and resumes it after an event', async () => {
    const opened = deferred<McpRequest>();
    const script: RuntimeScript = {
      ...sessionRuntime(() => jsonAnswer({})),
      async invokeStream(call, request) {
        opened.resolve(request);
        await writeChunks(call, [
          { data: bytes('data: {"jsonrpc":"2.0","method":"m"}\n\n') },
          { done: true },
        ]);
        call.end();
      },
    };
    await withClient(script, async (client) => {
      await using session = await McpSession.initialize(client, { clientInfo });
      const messages = [];
      for await (const message of session.stream({ lastEventId: '5' }).messages()) messages.push(message);
      expect(messages).toEqual([{ jsonrpc: '2.0', method: 'm' }]);
      expect(await opened.promise).toMatchObject({
        method: 'GET',
        sessionId: 'session-1',
        headers: { accept: 'text/event-stream', 'last-event-id': '5' },
      });
    });
  });

  it('closes the session if the handshake fails', async () => {
    const log: McpRequest[] = [];
    const script = sessionRuntime(() => jsonAnswer({}), log);
    const { invoke } = script;
    script.invoke = (request, call) =>
      rpcOf(request).method === 'notifications/initialized'
        ? { status: 500 }
        : (invoke?.(request, call) ?? {});
    await withClient(script, async (client) => {
      await expect(McpSession.initialize(client, { clientInfo })).rejects.toMatchObject({ status: 500 });
      expect(log.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
    });
  });

  it('treats only an unknown session as closed, not other refusals', async () => {
    const statuses = [403, 404];
    const script: RuntimeScript = {
      ...sessionRuntime(() => jsonAnswer({})),
      closeSession: () => ({ status: statuses.shift() ?? 500 }),
    };
    await withClient(script, async (client) => {
      const session = await McpSession.initialize(client, { clientInfo });
      await expect(session.close()).rejects.toMatchObject({ code: 'HTTP_STATUS', status: 403 });
      await session.close();
      await session.close();
      expect(statuses).toEqual([]);
    });
  });
});

function rpcOfBody(body: Uint8Array): Rpc {
  return JSON.parse(new TextDecoder().decode(body)) as Rpc;
}
