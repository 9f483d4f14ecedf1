import { afterEach, describe, expect, test } from 'vitest';
import { encodeAuthContext } from '../client/index.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import {
  messagesOf,
  openSession,
  type ReferenceGateway,
  type ReferenceGatewayOptions,
  rpc,
  startReferenceGateway,
  toolCall,
} from './testing/reference-gateway.ts';
import { post } from './testing/scripted-gateway.ts';

let open: ReferenceGateway | undefined;
afterEach(async () => {
  await open?.[Symbol.asyncDispose]();
  open = undefined;
});

const asJson = { accept: 'application/json' };

/** Trusts the name that a caller claims. For tests only. */
const byName: Authenticator = {
  authenticate: async ({ headers }) => {
    const value = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
    const email = value('x-name');
    if (email === undefined) return { kind: 'anonymous' };
    const expiresAt = value('x-expires-at');
    const claims = { isAuthenticated: true, email, teams: ['r\u00f6t'] };
    const authContext = encodeAuthContext(claims, expiresAt === undefined ? undefined : Number(expiresAt));
    return { kind: 'authenticated', authContext };
  },
};

// Both transports lead to the same service, so HTTP callers must see the same behaviour.
describe.each(['grpc', 'http'] as const)('over %s', (transport) => {
  async function start(options: Omit<ReferenceGatewayOptions, 'transport'> = {}): Promise<ReferenceGateway> {
    open = await startReferenceGateway({ transport, ...options });
    return open;
  }

  test('opens, uses and closes a session', async () => {
    const { url, sessionCount } = await start();
    const session = { 'mcp-session-id': await openSession(url) };
    const pong = await fetch(url, post(rpc(1, 'ping'), { ...session, ...asJson }));
    expect([pong.status, await pong.json()]).toEqual([200, { jsonrpc: '2.0', id: 1, result: {} }]);
    const taken = await fetch(url, post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session));
    expect([taken.status, await taken.text()]).toEqual([202, '']);
    expect(sessionCount()).toBe(1);
    const closed = await fetch(url, { method: 'DELETE', headers: session });
    expect([closed.status, sessionCount()]).toEqual([204, 0]);
    expect((await fetch(url, post(rpc(2, 'ping'), session))).status).toBe(404);
    expect((await fetch(url, { headers: session })).status).toBe(404);
    expect((await fetch(url, { method: 'DELETE', headers: session })).status).toBe(404);
  });

  test('streams progress, then the response, then the end', async () => {
    const { url } = await start();
    const session = { 'mcp-session-id': await openSession(url) };
    const call = toolCall(1, 'test_tool_with_progress', {}, { progressToken: 't' });
    const response = await fetch(url, post(call, session));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(messagesOf(await response.text())).toMatchObject([
      { method: 'notifications/progress', params: { progress: 0 } },
      { method: 'notifications/progress', params: { progress: 50 } },
      { method: 'notifications/progress', params: { progress: 100 } },
      { id: 1, result: { content: [{ text: 't' }] } },
    ]);
  });

  test('passes the scope and the caller to the runtime', async () => {
    const { url } = await start({ gateway: { authenticator: byName } });
    const scoped = url.replace('/mcp', '/servers/s%C3%A9rver%201/mcp');
    const headers = { 'x-name': 'ann@example.com', ...asJson };
    const session = { 'mcp-session-id': await openSession(scoped, headers), ...headers };
    const response = await fetch(scoped, post(toolCall(1, 'conformance_whoami'), session));
    const { result } = (await response.json()) as { result: { content: [{ text: string }] } };
    expect(JSON.parse(result.content[0].text)).toMatchObject({
      email: 'ann@example.com',
      teams: ['r\u00f6t'],
      server_id: 's\u00e9rver 1',
    });
    for (const [where, who] of [
      [url, 'ann@example.com'],
      [scoped, 'bob@example.com'],
    ] as const) {
      expect((await fetch(where, post(rpc(2, 'ping'), { ...session, 'x-name': who }))).status).toBe(403);
    }
    const expired = { ...session, 'x-expires-at': '1000' };
    expect((await fetch(scoped, post(rpc(3, 'ping'), expired))).status).toBe(401);
  });

  test('lets the runtime refuse an invalid body', async () => {
    const { url } = await start();
    const headers = { ...asJson };
    for (const [body, code] of [
      ['', -32700],
      ['[]', -32600],
    ] as const) {
      const response = await fetch(url, post(body, headers));
      expect([response.status, await response.json()]).toMatchObject([400, { id: null, error: { code } }]);
    }
    const large = await fetch(url, post('x'.repeat(4 * 1024 * 1024), asJson));
    expect(large.status).toBe(400);
  });

  test('answers with 413 for a body that is too large for the runtime', async () => {
    const { url } = await start({ runtime: { limits: { maxBodyBytes: 10 } } });
    expect((await fetch(url, post('x'.repeat(100_000), asJson))).status).toBe(413);
  });

  test('passes a large answer completely', async () => {
    const { url } = await start();
    const session = { 'mcp-session-id': await openSession(url) };
    const size = 6 * 1024 * 1024;
    for (const headers of [session, { ...session, ...asJson }]) {
      const response = await fetch(url, post(toolCall(1, 'conformance_repeat', { size }), headers));
      expect((await response.text()).length).toBeGreaterThan(size);
    }
  });

  test('stops the work of a caller that disconnects', async () => {
    const { url } = await start();
    const session = { 'mcp-session-id': await openSession(url), ...asJson };
    for (const [key, accept] of [
      ['unary', 'application/json'],
      ['stream', 'application/json, text/event-stream'],
    ] as const) {
      const leaving = new AbortController();
      const wait = post(toolCall(1, 'conformance_wait', { key }), { ...session, accept });
      const answer = fetch(url, { ...wait, signal: leaving.signal }).then((response) => response.text());
      const state = async () => {
        const response = await fetch(url, post(toolCall(2, 'conformance_state', { key }), session));
        const { result } = (await response.json()) as { result: { content: [{ text: string }] } };
        return result.content[0].text;
      };
      await expect.poll(state).toBe('running');
      leaving.abort();
      await expect(answer).rejects.toThrow('aborted');
      await expect.poll(state).toBe('cancelled');
    }
  });

  test('carries messages without a request on the live stream, and resumes it after an event', async () => {
    const { url } = await start();
    const session = { 'mcp-session-id': await openSession(url) };
    const uri = 'test://watched-resource';
    await (await fetch(url, post(rpc(1, 'resources/subscribe', { uri }), session))).text();
    const touch = async () => {
      await (await fetch(url, post(toolCall(2, 'conformance_touch', { uri }), session))).text();
    };
    const live = await fetch(url, { headers: { ...session, accept: 'text/event-stream' } });
    await touch();
    const first = await readUntil(live, 'resources/updated');
    const [, id = ''] = /id: (\S+)\ndata: \{/.exec(first) ?? [];
    await touch();
    const resumed = await fetch(url, { headers: { ...session, 'last-event-id': id } });
    const second = await readUntil(resumed, 'resources/updated');
    expect(messagesOf(second)).toHaveLength(1);
    expect(second).not.toContain(`id: ${id}\n`);
  });

  test('answers with 502 after the runtime has ended', async () => {
    const gateway = await start({ gateway: { limits: { connectMs: 20 } } });
    const session = { 'mcp-session-id': await openSession(gateway.url) };
    await gateway.endRuntime();
    const response = await fetch(gateway.url, post(rpc(1, 'ping'), session));
    expect([response.status, await response.json()]).toMatchObject([
      502,
      { id: null, error: { code: -32000 } },
    ]);
  });
});

async function readUntil(response: Response, wanted: string): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) throw new Error(`the stream ended before ${wanted}: ${text}`);
    text += value;
    if (text.includes(wanted) && text.endsWith('\n\n')) break;
  }
  await reader?.cancel();
  return text;
}
