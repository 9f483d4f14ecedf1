import { expect, test } from 'vitest';
import { encodeAuthContext } from '../client/index.ts';
import type { RefusalRecord } from './audit.ts';
import { json, post, ScriptedGateway } from './testing/scripted-gateway.ts';

async function recorded(requests: readonly (readonly [path: string, RequestInit])[], status = 200) {
  const records: RefusalRecord[] = [];
  await using gateway = await ScriptedGateway.start(
    { invoke: () => ({ status, headers: json }) },
    {
      anonymous: 'refuse',
      allowedOrigins: ['https://app.example'],
      limits: { maxBodyBytes: 10 },
      audit: (record) => records.push(record),
      authenticator: {
        authenticate: async ({ headers }) => {
          const token = headers.find(([name]) => name === 'authorization')?.[1];
          if (token === undefined) return { kind: 'anonymous' };
          if (!token.startsWith('Good ')) return { kind: 'refused', message: 'no' };
          const claims = { isAuthenticated: true, email: token.slice(5) };
          return { kind: 'authenticated', authContext: encodeAuthContext(claims) };
        },
      },
    },
  );
  const statuses: number[] = [];
  for (const [path, request] of requests)
    statuses.push((await fetch(gateway.server.url + path, request)).status);
  return { records, statuses };
}

const good = { authorization: 'Good ann' };

test('every refusal is recorded with its caller and reason, and without secrets', async () => {
  const { records, statuses } = await recorded([
    ['/mcp?token=secret', post({})],
    ['/mcp', post({}, { authorization: 'Bearer secret' })],
    ['/mcp', post({}, { ...good, origin: 'https://evil.example' })],
    ['/mcp', post('a secret body', good)],
    ['/other', post({}, good)],
    ['/mcp', post({}, good)],
  ]);
  expect(statuses).toEqual([401, 401, 403, 413, 404, 200]);
  expect(
    records.map(({ caller, status, reason, path, origin }) => [caller, status, reason, path, origin]),
  ).toEqual([
    [null, 401, 'authentication_required', '/mcp', null],
    [null, 401, 'authentication_failed', '/mcp', null],
    [null, 403, 'origin_not_allowed', '/mcp', 'https://evil.example'],
    ['ann', 413, 'body_too_large', '/mcp', null],
    [null, 404, 'path_not_served', '/other', null],
  ]);
  expect(records[0]).toMatchObject({ method: 'POST', peer: '127.0.0.1' });
  expect(Date.parse(records[0]?.time ?? '')).toBeLessThanOrEqual(Date.now());
  expect(JSON.stringify(records)).not.toContain('secret');
});

test.each([
  [403, [['ann', 403, 'runtime']]],
  [401, [['ann', 401, 'runtime']]],
  [429, [['ann', 429, 'runtime']]],
  [404, []],
  [500, []],
])('an answer of the runtime with %d is recorded if it refuses the caller', async (status, expected) => {
  const { records } = await recorded([['/mcp', post({}, good)]], status);
  expect(records.map((record) => [record.caller, record.status, record.reason])).toEqual(expected);
});
