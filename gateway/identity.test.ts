import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { encodeAuthContext } from '../client/index.ts';
import type { McpRequest } from '../proto/index.ts';
import { bearerAuthenticator } from './authentication/bearer.ts';
import type { GatewayOptions } from './options.ts';
import { post, ScriptedGateway } from './testing/scripted-gateway.ts';

let open: ScriptedGateway | undefined;
afterEach(() => open?.[Symbol.asyncDispose]());

const seen: McpRequest[] = [];

async function start(options: Partial<GatewayOptions>): Promise<ScriptedGateway> {
  seen.length = 0;
  open = await ScriptedGateway.start(
    {
      invoke: (request) => {
        seen.push(request);
        return { status: 200 };
      },
    },
    options,
  );
  return open;
}

const { privateKey, publicKey } = await generateKeyPair('EdDSA');
const keys = createLocalJWKSet({ keys: [await exportJWK(publicKey)] });
const expected = { issuer: 'https://issuer.example', audience: 'mcp' };
const bearer = bearerAuthenticator({ keys, ...expected });

function tokenOf(sub: string): Promise<string> {
  return new SignJWT({ sub })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setIssuer(expected.issuer)
    .setAudience(expected.audience)
    .setExpirationTime('1h')
    .sign(privateKey);
}

function emails(): unknown[] {
  return seen.map(({ authContext }) =>
    authContext === undefined
      ? undefined
      : JSON.parse(Buffer.from(authContext.encoded, 'base64url').toString()).email,
  );
}

test('GW-25: identity belongs to a request, not to its connection', async () => {
  const { url } = await start({ authenticator: bearer, anonymous: 'allow' });
  for (const name of ['ann', 'bob']) {
    await fetch(url, post({}, { authorization: `Bearer ${await tokenOf(name)}` }));
    await fetch(url, post({}));
  }
  expect(emails()).toEqual([`${expected.issuer}#ann`, undefined, `${expected.issuer}#bob`, undefined]);
});

test('GW-24, GW-26: the policy refuse applies to callers without credentials', async () => {
  const { url } = await start({ authenticator: bearer, anonymous: 'refuse' });
  const response = await fetch(url, post({}));
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32000 } });
  expect(seen).toEqual([]);
});

test('GW-23: an invalid token is refused even if anonymous callers are allowed', async () => {
  const { url } = await start({ authenticator: bearer, anonymous: 'allow' });
  const response = await fetch(url, post({}, { authorization: 'Bearer x' }));
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer error="invalid_token"',
  ]);
  expect(seen).toEqual([]);
});

test('GW-23: unchecked credentials do not count as missing', async () => {
  const { url } = await start({ anonymous: 'allow' });
  expect((await fetch(url, post({}, { authorization: 'Bearer x' }))).status).toBe(401);
  expect(seen).toEqual([]);
});

test('a failing custom authenticator results in a 503 without details', async () => {
  const { url } = await start({
    anonymous: 'refuse',
    authenticator: {
      authenticate: async ({ headers }) => {
        const key = headers.find(([name]) => name === 'x-api-key')?.[1];
        if (key === undefined) throw new Error('secret');
        return {
          kind: 'authenticated',
          authContext: encodeAuthContext({ isAuthenticated: true, email: key }),
        };
      },
    },
  });
  expect((await fetch(url, post({}, { 'x-api-key': 'ann' }))).status).toBe(200);
  expect(emails()).toEqual(['ann']);
  const response = await fetch(url, post({}));
  expect(response.status).toBe(503);
  expect(await response.text()).not.toContain('secret');
});
