import { describe, expect, it } from 'vitest';
import { rpcError, shieldError } from './json-rpc-error.ts';

describe('shieldError', () => {
  it('keeps an error of this runtime with its code', () => {
    const { message, data } = rpcError('NOT_FOUND', 'no_uri', -32002, 'uri: none');
    expect(shieldError({ code: -32602, message, data })).toEqual({ code: -32002, message, data });
  });

  it('replaces the message of any other error with a fixed text for its code', () => {
    const cases: [number, number, string][] = [
      [-32601, -32601, 'Method not found'],
      [-32602, -32602, 'Invalid params'],
      [-32603, -32603, 'Internal error'],
      [5, -32603, 'Internal error'],
    ];
    for (const [code, shieldedCode, message] of cases) {
      const data = { category: 'INTERNAL', traceId: 'forged' };
      const shielded = shieldError({ code, message: 'at /srv/x.js:1:2', data });
      expect(shielded).toMatchObject({ code: shieldedCode, message });
      expect(JSON.stringify(shielded)).not.toMatch(/srv|forged/);
    }
  });
});
