import { readFile, stat } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';

const fetchMs = 5000;

/** A file holds no key set. Its message is one line that says what is wrong. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
  readonly code = 'KEY_SET';
}

/**
 * The public keys at a URL, a JSON Web Key Set. They are fetched when the first token comes, and again when one names a
 * key that is not among them.
 */
export function keySetFromUrl(url: URL): JWTVerifyGetKey {
  return createRemoteJWKSet(url, { timeoutDuration: fetchMs });
}

/**
 * The public keys in a file, a JSON Web Key Set. The file is read again when it changed and a token names a key that
 * was not in it.
 * @throws KeySetError
 */
export async function keySetFromFile(path: string): Promise<JWTVerifyGetKey> {
  let { keys, changedAt } = await readKeySet(path);
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || found.mtimeMs === changedAt) throw error;
      ({ keys, changedAt } = await readKeySet(path));
      return keys(header, token);
    }
  };
}

async function readKeySet(path: string): Promise<{ keys: JWTVerifyGetKey; changedAt: number }> {
  try {
    const { mtimeMs } = await stat(path);
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return { keys: createLocalJWKSet(content as JSONWebKeySet), changedAt: mtimeMs };
  } catch (error) {
    const reason = error instanceof errors.JWKSInvalid ? 'it is no JSON Web Key Set' : reasonOf(error);
    throw new KeySetError(`${path} has no key set: ${reason}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(code)})`;
}
