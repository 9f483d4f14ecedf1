import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ResultSchema, SubscribeRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServer2 } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { refused } from '../failures/request-refused.ts';
import type { SessionContext } from '../mcp/server-link.ts';
import {
  authContext,
  callerNamed,
  Harness,
  initialize,
  jsonOf,
  type OpenStream,
  rpc,
  textOf,
  toolCall,
} from '../testing/harness.ts';
import { callerOf, type ServerFactory } from './hosted-server.ts';

const about = { name: 'test', version: '1' };
let harness: Harness | undefined;
const logged: object[] = [];
afterEach(async () => {
  await harness?.[Symbol.asyncDispose]();
  harness = undefined;
  logged.length = 0;
});

async function host(server: ServerFactory): Promise<Harness> {
  const log = (fields: object) => {
    logged.push(fields);
  };
  harness = await Harness.start({ server, logger: { debug: log, info: log, warn: log, error: log } });
  return harness;
}

/** Calls a tool with a streamed answer. */
function stream(on: Harness, sessionId: string, message: object): OpenStream {
  return on.stream({ sessionId, method: 'POST', body: Buffer.from(JSON.stringify(message)) });
}

const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });

describe('a hosted server', () => {
  it('is created once for each session and closed at its end', async () => {
    const sessions: SessionContext[] = [];
    let closed = 0;
    const on = await host((session) => {
      sessions.push(session);
      const server = new McpServer(about);
      server.server.onclose = () => {
        closed += 1;
      };
      return server;
    });
    const one = await on.session({}, { serverId: 'scope' });
    const two = await on.session({}, { authContext: undefined });
    expect(sessions).toMatchObject([
      { sessionId: one, serverId: 'scope', caller: { kind: 'known', email: 'alice@example.com' } },
      { sessionId: two, serverId: '', caller: { kind: 'anonymous' } },
    ]);
    expect((await on.unary('closeSession', { sessionId: one, serverId: 'scope' })).status).toBe(204);
    expect(closed).toBe(1);
    await on.runtime.close();
    expect(closed).toBe(2);
  });

  it('learns the caller and the claims of each call', async () => {
    const on = await host(() => {
      const server = new McpServer(about);
      server.registerTool('who', {}, (extra) => {
        const { claims, ...caller } = callerOf(extra.authInfo);
        const { clientId, scopes } = extra.authInfo ?? {};
        return text({ caller, clientId, scopes, isAdmin: claims.isAdmin, sessionId: extra.sessionId });
      });
      return server;
    });
    const sessionId = await on.session();
    const claims = { email: 'alice@example.com', is_authenticated: true, is_admin: true };
    const admin = authContext({ ...claims, scoped_permissions: ['tools.read'] });
    const who = async (fields: object) => JSON.parse(await on.callTool(sessionId, 'who', {}, fields));
    const clientId = 'alice@example.com';
    const caller = { kind: 'known', email: clientId };
    expect(await who({})).toEqual({ caller, clientId, scopes: [], isAdmin: false, sessionId });
    expect(await who({ authContext: admin })).toMatchObject({ scopes: ['tools.read'], isAdmin: true });
    const nobody = { authContext: undefined };
    const anonymous = await on.session({}, nobody);
    const { result } = jsonOf(await on.invoke(toolCall(1, 'who'), { sessionId: anonymous, ...nobody }));
    expect(JSON.parse(result.content[0].text)).toEqual({
      caller: { kind: 'anonymous' },
      isAdmin: false,
      sessionId: anonymous,
    });
  });

  it('may be a server of version 2 of the SDK', async () => {
    const on = await host(() => {
      const server = new McpServer2(about);
      server.registerTool('who', {}, (ctx) => text(callerOf(ctx.http?.authInfo).kind));
      return server;
    });
    expect(await on.callTool(await on.session(), 'who')).toBe('"known"');
  });

  it('sends progress with the exact token of the caller, and requests on the stream of the call', async () => {
    const on = await host(() => {
      const server = new McpServer(about);
      server.registerTool('ask', {}, async (extra) => {
        const progressToken = extra._meta?.progressToken ?? 0;
        const params = { progressToken, progress: 1 };
        await extra.sendNotification({ method: 'notifications/progress', params });
        // Without `extra`, the SDK does not say to which request this belongs.
        const answer = await server.server.elicitInput({
          message: 'Your name?',
          requestedSchema: { type: 'object', properties: {} },
        });
        return text(answer);
      });
      return server;
    });
    const sessionId = await on.session({ elicitation: {} });
    const body = JSON.stringify(toolCall('a', 'ask', {}, { progressToken: 'A' }));
    const exact = Buffer.from(body.replace('"progressToken":"A"', '"progressToken":"\\u0041"'));
    const answer = on.stream({ sessionId, method: 'POST', body: exact });
    const [, { id }] = await answer.received(2);
    expect(answer.messages[0]?.data).toContain('"progressToken":"\\u0041",');
    expect(answer.messages[1]?.data).toContain('"elicitation/create"');
    await on.invoke({ jsonrpc: '2.0', id, result: { action: 'decline' } }, { sessionId });
    const [, , { result }] = await answer.received(3);
    expect(result.content[0].text).toBe('{"action":"decline"}');
  });

  it('asks only callers with the capability', async () => {
    const on = await host(() => {
      const server = new McpServer(about);
      server.registerTool('ask', {}, async (extra) => {
        const request = { method: 'roots/list' as const };
        const answered = extra.sendRequest(request, ResultSchema).then(
          () => 'answered',
          (error: Error) => error.message,
        );
        return text(await answered);
      });
      return server;
    });
    const sessionId = await on.session();
    const answer = stream(on, sessionId, toolCall(1, 'ask'));
    const [{ result }] = await answer.received(1);
    expect(result.content[0].text).toContain('does not support roots');
  });

  it('sends list changes and resource updates to the live stream', async () => {
    const servers: McpServer[] = [];
    const subscribed: string[] = [];
    const on = await host(() => {
      const server = new McpServer(about, { capabilities: { resources: { subscribe: true } } });
      server.registerTool('one', {}, () => text(1));
      server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
        subscribed.push(params.uri);
        return {};
      });
      servers.push(server);
      return server;
    });
    const sessionId = await on.session();
    await on.invoke(rpc(1, 'resources/subscribe', { uri: 'test://a' }), { sessionId });
    expect(subscribed).toEqual(['test://a']);
    const live = on.stream({ sessionId });
    await live.until(({ chunks }) => chunks.length > 0);
    servers[0]?.registerTool('two', {}, () => text(2));
    await servers[0]?.server.sendResourceUpdated({ uri: 'test://a' });
    const messages = await live.received(2);
    expect(messages.map(({ method }: { method: string }) => method).sort()).toEqual([
      'notifications/resources/updated',
      'notifications/tools/list_changed',
    ]);
  });

  it('gets only valid params, and its unexpected failures stay private', async () => {
    const on = await host(() => {
      const server = new Server(about, { capabilities: { resources: {} } });
      server.fallbackRequestHandler = async ({ method, params }) => {
        if (method === 'own/method') return { params: { ...params } };
        throw Object.assign(new Error(`${method}: /secret/path`), method === 'own/error' && { code: 7 });
      };
      return server;
    });
    const sessionId = await on.session();
    const answer = async (method: string, params?: object) =>
      jsonOf(await on.invoke(rpc(1, method, params), { sessionId }));
    expect(await answer('own/method', { a: 1 })).toMatchObject({ result: { params: { a: 1 } } });
    expect(await answer('resources/read', { uri: 5 })).toMatchObject({ error: { code: -32602 } });
    expect(await answer('own/error')).toMatchObject({
      error: { code: 7, message: 'own/error: /secret/path' },
    });
    const failed = await answer('resources/list');
    expect(failed.error).toMatchObject({ code: -32603, message: 'Internal error' });
    expect(logged).toContainEqual({ error: 'resources/list: /secret/path' });
  });

  it('answers an unserved revision with a served one', async () => {
    const on = await host(() => new McpServer(about));
    for (const revision of ['2024-10-07', '2026-07-28', '1']) {
      const { result } = jsonOf(await on.invoke(initialize(revision)));
      expect(result.protocolVersion).toBe('2025-11-25');
    }
  });

  it('can end its session', async () => {
    let server = new McpServer(about);
    const on = await host(() => {
      server = new McpServer(about);
      server.registerTool('wait', {}, () => new Promise<never>(() => undefined));
      return server;
    });
    const sessionId = await on.session();
    const live = on.stream({ sessionId });
    await live.until(({ chunks }) => chunks.length > 0);
    const waiting = stream(on, sessionId, toolCall('w', 'wait'));
    await waiting.until(({ chunks }) => chunks.length > 0);
    await server.close();
    expect(await waiting.received(1)).toMatchObject([
      { id: 'w', error: { data: { code: 'server_closed' } } },
    ]);
    expect(await waiting.ended).toBe(0);
    expect(await live.ended).toBe(2);
    expect((await on.invoke(rpc(1, 'ping'), { sessionId })).status).toBe(404);
  });
});

describe('a factory', () => {
  it.each<[string, ServerFactory]>([
    ['throws', () => JSON.parse('{')],
    ['rejects', () => Promise.reject(new Error('/secret/path'))],
    ['returns something else', () => ({}) as never],
    [
      'returns a connected server',
      (() => {
        const shared = new McpServer(about);
        void shared.connect({ start: async () => {}, send: async () => {}, close: async () => {} });
        return () => shared;
      })(),
    ],
  ])('that %s is one clear error', async (_, factory) => {
    const on = await host(factory);
    const response = await on.invoke(initialize());
    expect([response.status, jsonOf(response)]).toMatchObject([
      500,
      { id: 0, error: { message: 'The MCP server of the session could not be created' } },
    ]);
    expect(textOf(response)).not.toContain('secret');
    expect(response.headers).not.toHaveProperty('mcp-session-id');
    expect(on.runtime.sessionCount).toBe(0);
    expect(logged.filter((fields) => 'error' in fields)).toHaveLength(1);
  });

  it('may refuse a session', async () => {
    const on = await host(({ caller }) => {
      if (caller.kind === 'known' && caller.email === 'bob@example.com') {
        throw refused('PERMISSION_DENIED', 'no_bob', 'Not for you');
      }
      return new McpServer(about);
    });
    expect((await on.invoke(initialize(), { authContext: callerNamed('bob@example.com') })).status).toBe(403);
    expect((await on.invoke(initialize())).status).toBe(200);
  });
});
