import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../node/serve.ts';
import { KeySetError, keySetFromFile, keySetFromUrl } from './key-set.ts';

async function makeKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256' };
  const token = await new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  return { jwk, token };
}

const first = await makeKey('first');
const second = await makeKey('second');

async function isAccepted(token: string, keys: JWTVerifyGetKey): Promise<boolean> {
  return jwtVerify(token, keys).then(
    () => true,
    (error: { code?: string }) => {
      if (error.code === 'ERR_JWKS_NO_MATCHING_KEY') return false;
      throw error;
    },
  );
}

describe('a key set in a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ['in place', writeFile],
    [
      'by a rename',
      async (path: string, content: string) => {
        await writeFile(`${path}.new`, content);
        await rename(`${path}.new`, path);
      },
    ],
  ])(
    'GW-57: is replaced %s: a withdrawn key is invalid, without a token with an unknown key',
    async (_, replace) => {
      const path = join(folder, 'keys.json');
      await writeFile(path, JSON.stringify({ keys: [first.jwk] }));
      const keys = await keySetFromFile(path);
      expect(await isAccepted(first.token, keys)).toBe(true);
      await replace(path, JSON.stringify({ keys: [second.jwk] }));
      expect(await isAccepted(first.token, keys)).toBe(false);
      expect(await isAccepted(second.token, keys)).toBe(true);
      await replace(path, JSON.stringify({ keys: [first.jwk] }));
      expect(await isAccepted(first.token, keys)).toBe(true);
    },
  );

  test('leaves tokens unchecked while it cannot be read', async () => {
    const path = join(folder, 'lost.json');
    await writeFile(path, JSON.stringify({ keys: [first.jwk] }));
    const keys = await keySetFromFile(path);
    await rm(path);
    await expect(isAccepted(first.token, keys)).rejects.toThrow(KeySetError);
    await writeFile(path, JSON.stringify({ keys: [first.jwk] }));
    expect(await isAccepted(first.token, keys)).toBe(true);
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
});

describe('a key set at a URL', () => {
  async function serving<T>(listener: RequestListener, use: (url: URL) => Promise<T>): Promise<T> {
    const server = createServer(listener);
    try {
      return await use(new URL(await listen(server, { host: '127.0.0.1', port: 0 })));
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  test('GW-57: is fetched again when it is too old, so that a withdrawn key is invalid', async () => {
    let served = first.jwk;
    const listener: RequestListener = (_, outgoing) => outgoing.end(JSON.stringify({ keys: [served] }));
    await serving(listener, async (url) => {
      const lasting = keySetFromUrl(url);
      const keys = keySetFromUrl(url, { maxAgeMs: 0 });
      expect(await isAccepted(first.token, keys)).toBe(true);
      expect(await isAccepted(first.token, lasting)).toBe(true);
      served = second.jwk;
      expect(await isAccepted(first.token, keys)).toBe(false);
      expect(await isAccepted(second.token, keys)).toBe(true);
      expect(await isAccepted(first.token, lasting)).toBe(true);
    });
  });

  test('leaves tokens unchecked if it fails', async () => {
    const gone = await serving(
      (_, outgoing) => outgoing.writeHead(500).end('{}'),
      async (url) => {
        await expect(isAccepted(first.token, keySetFromUrl(url))).rejects.toThrow('Expected 200 OK');
        return url;
      },
    );
    await expect(isAccepted(first.token, keySetFromUrl(gone))).rejects.toThrow();
  });

  test('is refused if it does not end', async () => {
    let sent = 0;
    const endless: RequestListener = (_, outgoing) => {
      outgoing.write('{"keys":[');
      const block = `${JSON.stringify(first.jwk)},`.repeat(1000);
      const more = () => {
        while (!outgoing.destroyed && outgoing.write(block)) sent += block.length;
        sent += block.length;
      };
      outgoing.on('drain', more);
      more();
    };
    await serving(endless, async (url) => {
      await expect(isAccepted(first.token, keySetFromUrl(url))).rejects.toThrow('more than 1048576 bytes');
    });
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });
});
