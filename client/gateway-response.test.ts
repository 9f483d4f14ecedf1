import { describe, expect, it } from 'vitest';
import {
  AbortError,
  ContractViolationError,
  DeadlineError,
  RefusedStreamError,
  RuntimeCallError,
  TruncatedStreamError,
} from './errors.ts';
import { toGatewayResponse } from './messages.ts';

describe('toGatewayResponse', () => {
  it.each([
    new RuntimeCallError('Invoke', 14, 'connect ENOENT /run/secret.sock'),
    new DeadlineError('connect', 'no connection to /run/secret.sock'),
    new TruncatedStreamError(5),
    new ContractViolationError('secret'),
    new AbortError('Invoke', 'secret'),
    new Error('secret'),
    'secret',
    undefined,
  ])('CLIENT-12: converts %s to 502, -32000 and id null without internal details', (error) => {
    const { status, headers, body } = toGatewayResponse(error);
    expect([status, headers]).toEqual([502, { 'content-type': 'application/json' }]);
    const text = new TextDecoder().decode(body);
    expect(JSON.parse(text)).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32000, message: expect.any(String) },
    });
    expect(text).not.toMatch(/secret|\/run|ENOENT|UNAVAILABLE|Error/);
  });

  it('CLIENT-12: answers a request of MCP 2026-07-28 with -32603 and without id', () => {
    const { status, body } = toGatewayResponse(new Error('secret'), { revision: '2026-07-28' });
    expect(status).toBe(502);
    expect(JSON.parse(new TextDecoder().decode(body))).toEqual({
      jsonrpc: '2.0',
      error: { code: -32603, message: expect.any(String) },
    });
  });

  it('keeps the status of a refused stream', () => {
    expect(toGatewayResponse(new RefusedStreamError(403, { 'x-a': 'b' }))).toEqual({
      status: 403,
      headers: { 'x-a': 'b' },
      body: new Uint8Array(),
    });
  });
});
