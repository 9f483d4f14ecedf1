import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  messagesOf,
  type ReferenceGateway,
  rpc,
  startReferenceGateway,
} from './testing/reference-gateway.ts';
import { post } from './testing/scripted-gateway.ts';

const revision = '2026-07-28';

/** Returns the options of a request of the sessionless revision. */
function modern(method: string, params: Readonly<Record<string, unknown>> = {}, version = revision) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const { name } = params;
  return post(rpc(1, method, { ...params, _meta }), {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': version,
    'mcp-method': method,
    ...(typeof name === 'string' && { 'mcp-name': name }),
  });
}

describe.each(['grpc', 'http'] as const)('MCP 2026-07-28 over %s', (transport) => {
  let gateway: ReferenceGateway;
  beforeAll(async () => {
    gateway = await startReferenceGateway({ transport });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test('returns the result of a request without a session', async () => {
    const response = await fetch(gateway.url, modern('tools/call', { name: 'test_simple_text' }));
    expect([response.status, response.headers.get('x-accel-buffering')]).toEqual([200, 'no']);
    expect(messagesOf(await response.text())).toMatchObject([{ id: 1, result: { resultType: 'complete' } }]);
    expect(gateway.sessionCount()).toBe(0);
  });

  test('keeps the body of the error for an unknown version', async () => {
    const response = await fetch(gateway.url, modern('server/discover', {}, '2099-01-01'));
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json']);
    const data = { supported: [revision], requested: '2099-01-01' };
    expect(await response.json()).toMatchObject({ id: 1, error: { code: -32022, data } });
  });

  test('ends a subscription when the client closes its stream', async () => {
    const notifications = { toolsListChanged: true };
    const leaving = new AbortController();
    const response = await fetch(gateway.url, {
      ...modern('subscriptions/listen', { notifications }),
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(messagesOf(Buffer.from(first?.value ?? []).toString())).toMatchObject([
      { method: 'notifications/subscriptions/acknowledged' },
    ]);
    leaving.abort();
    await expect(reader?.read()).rejects.toThrow();
  });
});
