import { afterEach, expect, test } from 'vitest';
import { post, recorder, ScriptedGateway } from './testing/scripted-gateway.ts';

const { seen, script } = recorder();
let open: ScriptedGateway | undefined;
afterEach(async () => {
  seen.length = 0;
  await open?.[Symbol.asyncDispose]();
});

async function start(allowedOrigins?: readonly string[]): Promise<ScriptedGateway> {
  open = await ScriptedGateway.start(script, { allowedOrigins, anonymous: 'allow' });
  return open;
}

function preflight(origin: string, fields = 'content-type, mcp-session-id, mcp-param-region'): RequestInit {
  return {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': fields,
    },
  };
}

test('an allowed origin passes its preflight, and may read answers and refusals', async () => {
  const { url } = await start(['https://App.example']);
  const origin = 'https://app.example';
  const answer = await fetch(url, preflight(origin));
  expect([answer.status, seen.length]).toEqual([204, 0]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': 'content-type, mcp-session-id, mcp-param-region',
    vary: 'origin',
  });
  for (const request of [post({}, { origin }), post({}, { origin, authorization: 'Bearer x' })]) {
    const { headers } = await fetch(url, request);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-expose-headers')).toContain('mcp-session-id');
  }
  expect(seen).toHaveLength(1);
});

test('names of fields that are not tokens are not allowed', async () => {
  const { url } = await start(['*']);
  const answer = await fetch(url, preflight('https://any.example', 'a b, x-y, "q"'));
  expect(answer.headers.get('access-control-allow-headers')).toBe('x-y');
});

test.each([
  ['another origin', ['https://app.example'], 'https://evil.example', 403],
  ['no allowed origin', undefined, 'https://app.example', 403],
] as const)('GW-58: %s gets no permission', async (_, allowedOrigins, origin, status) => {
  const { url } = await start(allowedOrigins);
  for (const request of [preflight(origin), post({}, { origin })]) {
    const answer = await fetch(url, request);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, null]);
  }
  expect(seen).toEqual([]);
});

test('an OPTIONS request that is not a preflight is not served', async () => {
  const { url } = await start(['https://app.example']);
  const answer = await fetch(url, { method: 'OPTIONS', headers: { origin: 'https://app.example' } });
  expect(answer.status).toBe(405);
});
