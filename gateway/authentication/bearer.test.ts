import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Authentication, Authenticator } from './authenticator.ts';
import { type BearerOptions, bearerAuthenticator } from './bearer.ts';

const first = await generateKeyPair('ES256', { extractable: true });
const second = await generateKeyPair('ES256', { extractable: true });
const firstJwk = { ...(await exportJWK(first.publicKey)), kid: 'first', alg: 'ES256' };
const keys = createLocalJWKSet({ keys: [firstJwk] });

const soon = Math.floor(Date.now() / 1000) + 60;
const expected = { issuer: 'https://issuer.example', audience: 'mcp' };
const good: JWTPayload = { sub: 'ann', iss: expected.issuer, aud: expected.audience, exp: soon };

/** Signs a token with the claims of a good one, and changes. A claim that is undefined is omitted. */
function sign(changes: JWTPayload, key = first, header: { kid?: string; typ?: string } = {}) {
  const given = Object.entries({ ...good, ...changes }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(given))
    .setProtectedHeader({ alg: 'ES256', kid: 'first', ...header })
    .sign(key.privateKey);
}

function authenticate(
  values: readonly string[],
  by: Authenticator = bearerAuthenticator({ keys, ...expected }),
): Promise<Authentication> {
  return by.authenticate({
    method: 'POST',
    url: '/mcp',
    headers: values.map((value) => ['Authorization', value]),
    peerAddress: undefined,
    signal: new AbortController().signal,
  });
}

async function authenticateToken(payload: JWTPayload, options: Partial<BearerOptions> = {}) {
  return authenticate(
    [`Bearer ${await sign(payload)}`],
    bearerAuthenticator({ keys, ...expected, ...options }),
  );
}

async function claimsIn(payload: JWTPayload, options: Partial<BearerOptions> = {}) {
  const found = await authenticateToken(payload, options);
  if (found.kind !== 'authenticated') throw new Error(found.kind);
  const { encoded, expiresAtEpochMs } = found.authContext;
  return { claims: JSON.parse(Buffer.from(encoded, 'base64url').toString()), expiresAtEpochMs };
}

describe('claims of a token', () => {
  test('GW-21, GW-22: become the auth context, and exp becomes its expiry', async () => {
    const claims = {
      sub: 'user-1',
      email: 'ann@example.com',
      teams: ['red'],
      is_admin: true,
      permission_is_admin: true,
      token_use: 'session',
      scoped_permissions: ['tools.read'],
      scoped_server_id: 'server-1',
      unknown: 1,
      exp: soon,
    };
    const found = await claimsIn(claims);
    expect(found.expiresAtEpochMs).toBe(BigInt(soon) * 1000n);
    expect(found.claims).toEqual({
      email: 'https://issuer.example#user-1',
      teams: ['red'],
      is_authenticated: true,
      is_admin: true,
      permission_is_admin: true,
      token_use: 'session',
      scoped_permissions: ['tools.read'],
      scoped_server_id: 'server-1',
    });
  });

  test.each([
    [{}, {}],
    [{ teams: null }, { teams: null }],
    [{ scope: 'a b' }, { scoped_permissions: ['a', 'b'] }],
    [{ email: 1, teams: 'red', is_admin: 'true', scoped_permissions: [1] }, {}],
  ])('%j grant %j', async (payload, granted) => {
    expect((await claimsIn(payload as JWTPayload)).claims).toEqual({
      email: 'https://issuer.example#ann',
      is_authenticated: true,
      is_admin: false,
      permission_is_admin: false,
      ...granted,
    });
  });

  test('can be mapped by the option claims', async () => {
    const claims = ({ sub }: JWTPayload) => ({ isAuthenticated: true, email: `${sub}@example.com` });
    expect((await claimsIn({}, { claims })).claims).toMatchObject({ email: 'ann@example.com' });
  });
});

describe('GW-56: the owner', () => {
  test('is the issuer and the subject, and no pair looks like another one', async () => {
    const ownerOf = async (iss: string, sub: string) =>
      (await claimsIn({ iss, sub, email: 'bob@x', email_verified: true }, { issuer: iss })).claims.email;
    expect(await ownerOf('https://a', 'bob@x')).toBe('https://a#bob%40x');
    const pairs = [
      ['https://a', 'bob@x'],
      ['https://b', 'bob@x'],
      ['https://a', 'b#ob'],
      ['https://a#b', 'ob'],
      ['https://a', 'b%23ob'],
      ['https://a#', 'bob@x'],
    ] as const;
    const owners = await Promise.all(pairs.map(([iss, sub]) => ownerOf(iss, sub)));
    expect(new Set(owners).size).toBe(pairs.length);
  });

  test('is a verified email address with the option email', async () => {
    const owner = 'email';
    const verified = { sub: 'x', email: 'bob@x', email_verified: true };
    expect((await claimsIn(verified, { owner })).claims.email).toBe('bob@x');
    const others = [
      { ...verified, email_verified: false },
      { ...verified, email_verified: 'true' },
      { ...verified, email_verified: undefined },
      { ...verified, email: undefined, sub: 'bob@x' },
    ];
    for (const other of others) {
      expect(await authenticateToken(other, { owner })).toMatchObject({ kind: 'refused' });
    }
  });
});

describe('GW-23: the authenticator', () => {
  const refused = { kind: 'refused', challenge: 'Bearer error="invalid_token"' };

  test('treats a missing field as missing credentials', async () => {
    expect(await authenticate([])).toEqual({ kind: 'anonymous' });
  });

  test.each([
    [''],
    ['Bearer'],
    ['Bearer '],
    ['Bearer a b'],
    ['Basic YTpi'],
    ['Bearer not.a.token'],
    ['Bearer ..'],
  ])('refuses the value %j', async (value) => {
    expect(await authenticate([value])).toMatchObject(refused);
  });

  test('refuses two tokens', async () => {
    const value = `Bearer ${await sign({})}`;
    expect(await authenticate([value])).toMatchObject({ kind: 'authenticated' });
    expect(await authenticate([value, value])).toMatchObject(refused);
  });

  test('refuses a token that has expired or is not valid yet', async () => {
    expect(await authenticateToken({ sub: 'ann', exp: soon - 120 })).toMatchObject({
      ...refused,
      message: 'The token has expired',
    });
    expect(await authenticateToken({ sub: 'ann', nbf: soon })).toMatchObject(refused);
  });

  test('refuses a token without an expiry, unless the option allows it', async () => {
    expect(await authenticateToken({ exp: undefined })).toMatchObject(refused);
    const { expiresAtEpochMs } = await claimsIn({ exp: undefined }, { allowMissingExpiry: true });
    expect(expiresAtEpochMs).toBe(0n);
  });

  test.each([1e300, 1e17, -1e300])('refuses the expiry %d', async (exp) => {
    expect(await authenticateToken({ exp })).toMatchObject(refused);
    expect(await authenticateToken({ exp }, { clockToleranceSeconds: 1e301 })).toMatchObject(refused);
  });

  test('refuses a token that was issued in the future, but tolerates the skew of clocks', async () => {
    expect(await authenticateToken({ iat: soon + 3600 })).toMatchObject({
      ...refused,
      message: 'The token was issued in the future',
    });
    expect(await authenticateToken({ iat: soon - 30 })).toMatchObject({ kind: 'authenticated' });
    expect(await authenticateToken({ iat: soon - 120 })).toMatchObject({ kind: 'authenticated' });
  });

  test('refuses other kinds of JSON Web Tokens', async () => {
    const kindOf = async (typ: string) =>
      (await authenticate([`Bearer ${await sign({}, first, { typ })}`])).kind;
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'application/JWT']) {
      expect([typ, await kindOf(typ)]).toEqual([typ, 'authenticated']);
    }
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'x/jwt', '']) {
      expect([typ, await kindOf(typ)]).toEqual([typ, 'refused']);
    }
  });

  test('refuses a token that is signed with another key, unsigned, or signed with the public key as a secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(firstJwk));
    const tokens = [
      await sign({}, second),
      await sign({}, second, { kid: 'second' }),
      new UnsecuredJWT(good).encode(),
      await new SignJWT(good).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret),
    ];
    for (const token of tokens) expect(await authenticate([`Bearer ${token}`])).toMatchObject(refused);
  });

  test('refuses a token from another issuer, for another audience, or without a name', async () => {
    expect(await authenticateToken({})).toMatchObject({ kind: 'authenticated' });
    for (const changes of [
      { iss: 'x' },
      { iss: undefined },
      { aud: 'x' },
      { aud: undefined },
      { sub: undefined },
      { sub: '\ud800' },
    ]) {
      expect(await authenticateToken(changes)).toMatchObject(refused);
    }
  });
});
