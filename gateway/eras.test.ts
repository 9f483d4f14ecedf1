import { describe, expect, test } from 'vitest';
import { refused } from '../reference-runtime/failures/request-refused.ts';
import { defaultHooks, type RuntimeHooks } from '../reference-runtime/hooks.ts';
import type { RuntimeConnection } from './index.ts';
import { modern, modernRevision } from './testing/modern-request.ts';
import {
  messagesOf,
  openSession,
  rpc,
  startReferenceGateway,
  toolCall,
} from './testing/reference-gateway.ts';
import { post } from './testing/scripted-gateway.ts';

/** Replaces the capabilities in the health answer. */
function declaring(...capabilities: readonly string[]): Partial<RuntimeHooks> {
  return { health: (state) => defaultHooks.health({ ...state, capabilities }) };
}

/** A runtime that serves only the revisions with sessions. */
const legacyOnly: Partial<RuntimeHooks> = {
  ...declaring('stream-head', 'stream-post'),
  isModern: () => false,
};

/** A runtime that serves only the revision without sessions. */
const modernOnly: Partial<RuntimeHooks> = {
  ...declaring('stream-head', 'stream-post', 'mcp-2026-07-28', 'modern-only'),
  isModern: () => true,
  checkProtocolVersion() {
    throw refused('UNSUPPORTED', 'method_not_served', 'method: only POST is served', { httpStatus: 405 });
  },
};

/** A connection of a gateway of contract release 1.0, which does not know capabilities. */
function ofRelease10(inner: RuntimeConnection): RuntimeConnection {
  return {
    get connected() {
      return inner.connected;
    },
    invoke: (...call) => inner.invoke(...call),
    invokeStream: (...call) => inner.invokeStream(...call),
    closeSession: (...call) => inner.closeSession(...call),
    healthCheck: async (...call) => ({ ...(await inner.healthCheck(...call)), capabilities: [] }),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

const accept = { accept: 'application/json, text/event-stream' };

describe('a gateway of contract release 1.0 before a runtime that serves both eras', () => {
  test('serves sessions and their live stream', async () => {
    await using gateway = await startReferenceGateway({ transport: 'grpc', connection: ofRelease10 });
    const headers = { ...accept, 'mcp-session-id': await openSession(gateway.url, accept) };
    const called = await fetch(gateway.url, post(toolCall(1, 'test_simple_text'), headers));
    expect([called.status, called.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await called.json()).toMatchObject({ id: 1, result: { content: [{ type: 'text' }] } });
    const leaving = new AbortController();
    const live = await fetch(gateway.url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: leaving.signal,
    });
    expect([live.status, live.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    leaving.abort();
    const closed = await fetch(gateway.url, { method: 'DELETE', headers });
    expect(closed.status).toBe(204);
    expect(gateway.sessionCount()).toBe(0);
  });

  test('serves requests without a session as complete answers', async () => {
    await using gateway = await startReferenceGateway({ transport: 'grpc', connection: ofRelease10 });
    const discovered = await fetch(gateway.url, modern('server/discover'));
    expect([discovered.status, discovered.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await discovered.json()).toMatchObject({ result: { supportedVersions: [modernRevision] } });
    const refusal = await fetch(gateway.url, modern('server/discover', {}, '2099-01-01'));
    expect([refusal.status, await refusal.json()]).toMatchObject([400, { error: { code: -32022 } }]);
    const subscription = await fetch(gateway.url, modern('subscriptions/listen', { notifications: {} }));
    expect(subscription.status).toBe(400);
  });
});

describe.each(['grpc', 'http'] as const)('a caller of MCP 2026-07-28 over %s', (transport) => {
  test('gets the refusal of an older runtime with its body, and can open a session', async () => {
    await using gateway = await startReferenceGateway({ transport, hooks: legacyOnly });
    const probed = await fetch(gateway.url, modern('server/discover'));
    expect([probed.status, probed.headers.get('content-type')]).toEqual([400, 'application/json']);
    const { error } = (await probed.json()) as { error: { code: number } };
    expect([-32020, -32021, -32022]).not.toContain(error.code);
    expect(await openSession(gateway.url, accept)).toMatch(/./);
  });

  test('gets 405 for GET and DELETE if the runtime serves nothing else', async () => {
    await using gateway = await startReferenceGateway({ transport, hooks: modernOnly });
    const headers = { 'mcp-protocol-version': modernRevision };
    const live = await fetch(gateway.url, { headers: { ...headers, accept: 'text/event-stream' } });
    const closed = await fetch(gateway.url, { method: 'DELETE', headers });
    expect([live.status, closed.status]).toEqual([405, 405]);
    const called = await fetch(gateway.url, modern('tools/call', { name: 'test_simple_text' }));
    expect(messagesOf(await called.text())).toMatchObject([{ result: { resultType: 'complete' } }]);
    const older = await fetch(gateway.url, post(rpc(1, 'initialize'), accept));
    expect([older.status, await older.json()]).toMatchObject([
      400,
      { error: { data: { supported: [modernRevision] } } },
    ]);
  });

  test.each(['mcp-method', 'mcp-protocol-version'])('is refused if %s occurs twice', async (name) => {
    await using gateway = await startReferenceGateway({ transport });
    const request = modern('server/discover');
    const headers = new Headers(request.headers);
    // fetch joins equal names in the same way as the gateway does for fields on separate lines.
    headers.append(name, headers.get(name) ?? '');
    const response = await fetch(gateway.url, { ...request, headers });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: -32020 } }]);
  });
});
