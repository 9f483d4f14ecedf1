import { readFile, stat } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';

const fetchMs = 5000;

/** A file does not contain a key set. The message is one line with the reason. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
  readonly code = 'KEY_SET';
}

/**
 * Returns the public keys of a JSON Web Key Set at a URL. They are fetched for the first token, and again for a token
 * with an unknown key.
 */
export function keySetFromUrl(url: URL): JWTVerifyGetKey {
  return createRemoteJWKSet(url, { timeoutDuration: fetchMs });
}

/**
 * Returns the public keys of a JSON Web Key Set in a file. A changed file is read again for a token with an unknown
 * key.
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
    const reason = error instanceof errors.JWKSInvalid ? 'it is not a JSON Web Key Set' : reasonOf(error);
    throw new KeySetError(`${path} does not contain a key set: ${reason}`);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(code)})`;
}
