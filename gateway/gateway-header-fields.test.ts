import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recorder, ScriptedGateway } from './testing/scripted-gateway.ts';

/** Returns a letter in both cases. */
function spellings(letter: string): [string, ...string[]] {
  return letter === '-' ? ['-', '_'] : [letter, letter.toUpperCase()];
}

describe('privileged header fields', () => {
  const grants = [
    'X-ContextForge-Auth-Context: e30',
    'x-contextforge-pre-invoke-ran: true',
    'X_CONTEXTFORGE_AUTH_CONTEXT: e30',
    'x-ContextForge_Server-Id: s',
    'X-MCP-Session-Id: other',
    'x_mcp_session_id: other',
    'X-Original-Worker: 1',
    'x_original_worker: 1',
    'X-Forwarded-For: 127.0.0.1',
    'X_Forwarded_User: admin',
    'Forwarded: for=127.0.0.1',
    'Authorization: Bearer secret',
    'AUTHORIZATION: Basic secret',
    'Cookie: session=secret',
    'cookie: a=secret',
    'Proxy-Authorization: Basic secret',
    'TE: trailers',
  ];

  test('GW-14 to GW-17: never reach the runtime, in any case, single or repeated', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script, {
      authenticator: { authenticate: async () => ({ kind: 'anonymous' }) },
    });
    const answer = await gateway.raw([
      'DELETE /mcp HTTP/1.1',
      'Host: localhost',
      'Connection: close, X-Nominated',
      'x-nominated: secret',
      'x_nominated: secret',
      ...grants,
      ...grants,
      'x-plain: 1',
    ]);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.headers).toEqual({ 'x-plain': '1' });
    expect(seen[0]?.authContext).toBeUndefined();
  });

  test('GW-14 to GW-17: never reach the runtime in random spellings', { timeout: 30_000 }, async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script, {
      authenticator: { authenticate: async () => ({ kind: 'anonymous' }) },
    });
    let reached = 0;
    const names = grants.map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
    const letters = (name: string) =>
      fc
        .tuple(...[...name].map((letter) => fc.constantFrom(...spellings(letter))))
        .map((spelled) => spelled.join(''));
    const prefixed = fc
      .constantFrom('x-contextforge-', 'x-forwarded-')
      .chain((prefix) =>
        fc
          .tuple(letters(prefix), fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/))
          .map((parts) => parts.join('')),
      );
    const spelled = fc.oneof(fc.constantFrom(...names).chain(letters), prefixed);
    const value = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(spelled, value), { minLength: 1, maxLength: 8 }), async (fields) => {
        seen.length = 0;
        const lines = fields.map(([name, content]) => `${name}:${content}`);
        await gateway.raw(['DELETE /mcp HTTP/1.1', 'host: localhost', 'connection: close', ...lines]);
        reached += seen.length;
        for (const { headers, authContext, sessionId, serverId } of seen) {
          expect({ headers, authContext, sessionId, serverId }).toEqual({
            headers: {},
            authContext: undefined,
            sessionId: '',
            serverId: '',
          });
        }
      }),
      { numRuns: 300 },
    );
    expect(reached).toBeGreaterThan(250);
  });

  test('GW-13, GW-18: repeated fields are joined, values outside visible ASCII dropped', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const lines = ['DELETE /mcp HTTP/1.1', 'Host: localhost', 'Connection: close'];
    await gateway.raw([
      ...lines,
      'X-A: 1',
      'x-b: \u00e9',
      'x-a:  2 ',
      'traceparent: 00-a-b-01',
      'tracestate: t=1',
    ]);
    expect(seen[0]?.headers).toEqual({ 'x-a': '1, 2', traceparent: '00-a-b-01', tracestate: 't=1' });
  });

  test('GW-19: trailers are not header fields', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const lines = [
      'POST /mcp HTTP/1.1',
      'host: localhost',
      'connection: close',
      'transfer-encoding: chunked',
    ];
    await gateway.raw(
      [...lines, 'trailer: x-late'],
      '2\r\n{}\r\n0\r\nx-late: 1\r\nmcp-session-id: s\r\n\r\n',
    );
    expect(seen).toMatchObject([{ headers: {}, sessionId: '', body: Buffer.from('{}') }]);
  });

  test('many other fields have no effect', async () => {
    const { seen, script } = recorder();
    await using gateway = await ScriptedGateway.start(script);
    const many = Array.from({ length: 2500 }, () => 'a:b');
    await gateway.raw(['DELETE /mcp HTTP/1.1', 'host: localhost', 'connection: close', ...many, 'x-last: 1']);
    expect(seen[0]?.headers['x-last']).toBe('1');
  });
});
