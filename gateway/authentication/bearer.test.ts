import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../node/serve.ts';
import type { Authentication, Authenticator } from './authenticator.ts';
import { type BearerOptions, bearerAuthenticator } from './bearer.ts';
import { keySetFromFile, keySetFromUrl } from './key-set.ts';

const first = await generateKeyPair('ES256', { extractable: true });
const second = await generateKeyPair('ES256', { extractable: true });
const firstJwk = { ...(await exportJWK(first.publicKey)), kid: 'first', alg: 'ES256' };
const secondJwk = { ...(await exportJWK(second.publicKey)), kid: 'second', alg: 'ES256' };
const keys = createLocalJWKSet({ keys: [firstJwk] });

function sign(payload: JWTPayload, key = first, kid = 'first'): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid }).sign(key.privateKey);
}

function authenticate(
  values: readonly string[],
  by: Authenticator = bearerAuthenticator({ keys }),
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
  return authenticate([`Bearer ${await sign(payload)}`], bearerAuthenticator({ keys, ...options }));
}

const soon = Math.floor(Date.now() / 1000) + 60;

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
    const found = await authenticateToken(claims);
    if (found.kind !== 'authenticated') throw new Error(found.kind);
    expect(found.authContext.expiresAtEpochMs).toBe(BigInt(soon) * 1000n);
    expect(JSON.parse(Buffer.from(found.authContext.encoded, 'base64url').toString())).toEqual({
      email: 'ann@example.com',
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
    [{ sub: 'ann' }, { email: 'ann' }],
    [
      { sub: 'ann', teams: null },
      { email: 'ann', teams: null },
    ],
    [
      { sub: 'ann', scope: 'a b' },
      { email: 'ann', scoped_permissions: ['a', 'b'] },
    ],
    [{ sub: 'ann', email: 1, teams: 'red', is_admin: 'true', scoped_permissions: [1] }, { email: 'ann' }],
  ])('%j grant %j', async (payload, expected) => {
    const found = await authenticateToken(payload as JWTPayload);
    if (found.kind !== 'authenticated') throw new Error(found.kind);
    expect(found.authContext.expiresAtEpochMs).toBe(0n);
    expect(JSON.parse(Buffer.from(found.authContext.encoded, 'base64url').toString())).toEqual({
      is_authenticated: true,
      is_admin: false,
      permission_is_admin: false,
      ...expected,
    });
  });

  test('can be mapped by the option claims', async () => {
    const claims = ({ sub }: JWTPayload) => ({ isAuthenticated: true, email: `${sub}@example.com` });
    const found = await authenticateToken({ sub: 'ann' }, { claims });
    if (found.kind !== 'authenticated') throw new Error(found.kind);
    expect(Buffer.from(found.authContext.encoded, 'base64url').toString()).toContain('ann@example.com');
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
    const value = `Bearer ${await sign({ sub: 'ann' })}`;
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

  test('refuses a token that is signed with another key, unsigned, or signed with the public key as a secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(firstJwk));
    const tokens = [
      await sign({ sub: 'ann' }, second, 'first'),
      await sign({ sub: 'ann' }, second, 'second'),
      new UnsecuredJWT({ sub: 'ann' }).encode(),
      await new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret),
    ];
    for (const token of tokens) expect(await authenticate([`Bearer ${token}`])).toMatchObject(refused);
  });

  test('refuses a token from another issuer, for another audience, or without a name', async () => {
    const expected = { issuer: 'https://issuer.example', audience: 'mcp' };
    const good = { sub: 'ann', iss: expected.issuer, aud: expected.audience };
    expect(await authenticateToken(good, expected)).toMatchObject({ kind: 'authenticated' });
    expect(await authenticateToken({ ...good, iss: 'x' }, expected)).toMatchObject(refused);
    expect(await authenticateToken({ ...good, aud: 'x' }, expected)).toMatchObject(refused);
    expect(await authenticateToken({ exp: soon })).toMatchObject(refused);
  });
});

describe('a key set', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is read from a file again for an unknown key', async () => {
    const path = join(folder, 'keys.json');
    await writeFile(path, JSON.stringify({ keys: [firstJwk] }));
    const by = bearerAuthenticator({ keys: await keySetFromFile(path) });
    expect(await authenticate([`Bearer ${await sign({ sub: 'ann' })}`], by)).toMatchObject({
      kind: 'authenticated',
    });
    const rotated = `Bearer ${await sign({ sub: 'ann' }, second, 'second')}`;
    expect(await authenticate([rotated], by)).toMatchObject({ kind: 'refused' });
    await writeFile(path, JSON.stringify({ keys: [secondJwk] }));
    await utimes(path, new Date(), new Date(Date.now() + 5000));
    expect(await authenticate([rotated], by)).toMatchObject({ kind: 'authenticated' });
  });

  test.each([
    ['[1', 'it is not JSON'],
    ['{}', 'it is not a JSON Web Key Set'],
    [undefined, 'there is no such file'],
  ])('is reported as invalid for a file with %j: %s', async (content, reason) => {
    const path = join(folder, `${reason}.json`);
    if (content !== undefined) await writeFile(path, content);
    await expect(keySetFromFile(path)).rejects.toThrow(`${path} does not contain a key set: ${reason}`);
  });

  test('is fetched from a URL; a failure does not refuse the token', async () => {
    const server = createServer((_, outgoing) => outgoing.end(JSON.stringify({ keys: [firstJwk] })));
    const url = new URL(await listen(server, { host: '127.0.0.1', port: 0 }));
    const token = `Bearer ${await sign({ sub: 'ann' })}`;
    try {
      const by = bearerAuthenticator({ keys: keySetFromUrl(url) });
      expect(await authenticate([token], by)).toMatchObject({ kind: 'authenticated' });
    } finally {
      server.close();
      server.closeAllConnections();
    }
    const gone = bearerAuthenticator({ keys: keySetFromUrl(url) });
    await expect(authenticate([token], gone)).rejects.toThrow();
  });
});
