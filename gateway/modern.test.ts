import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modern, modernRevision as revision } from './testing/modern-request.ts';
import { messagesOf, type ReferenceGateway, startReferenceGateway } from './testing/reference-gateway.ts';

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
