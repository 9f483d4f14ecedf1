import { readFile, stat } from 'node:fs/promises';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import { readBytes } from '../../base/read-bytes.ts';

const fetchMs = 5000;

/** The largest accepted key set. An endless response must not use up the memory of the gateway. */
const maxBytes = 1024 * 1024;

/** A key set could not be read. The message is one line with the reason. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
  readonly code = 'KEY_SET';
}

/** Options of {@link keySetFromUrl}. */
export interface KeySetUrlOptions {
  /**
   * The time in milliseconds after which the keys are fetched again. A withdrawn key is valid for this long at most.
   * Default: 60 000.
   */
  readonly maxAgeMs?: number | undefined;
}

/**
 * Returns the public keys of a JSON Web Key Set at a URL. They are fetched for the first token, when they are too old,
 * and for a token with an unknown key, but then at most once in 30 seconds. If a fetch fails, tokens cannot be checked.
 */
export function keySetFromUrl(url: URL, { maxAgeMs = 60_000 }: KeySetUrlOptions = {}): JWTVerifyGetKey {
  return createRemoteJWKSet(url, {
    timeoutDuration: fetchMs,
    cacheMaxAge: maxAgeMs,
    [customFetch]: async (...request: Parameters<typeof fetch>) => bounded(await fetch(...request)),
  });
}

/** Reads a response up to the size limit. */
async function bounded({ body, status, headers }: Response): Promise<Response> {
  if (status !== 200 || body === null) {
    await body?.cancel();
    return new Response(null, { status: 404 });
  }
  const tooLarge = () => new KeySetError(`The key set has more than ${maxBytes} bytes`);
  return new Response(Buffer.from(await readBytes(body, maxBytes, tooLarge)), { status, headers });
}

/**
 * Returns the public keys of a JSON Web Key Set in a file. Every token is checked with the current content of the
 * file, so that a withdrawn key is invalid immediately. If the file cannot be read, tokens cannot be checked. Replace
 * the file with a rename, so that it is never incomplete.
 * @throws KeySetError
 */
export async function keySetFromFile(path: string): Promise<JWTVerifyGetKey> {
  let current = await readKeySet(path);
  return async (header, token) => {
    if ((await versionOf(path)) !== current.version) current = await readKeySet(path);
    return current.keys(header, token);
  };
}

/** Returns a text that differs after a change of the file, also after a change in the same millisecond. */
async function versionOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    throw notAKeySet(path, error);
  }
}

async function readKeySet(path: string): Promise<{ keys: JWTVerifyGetKey; version: string }> {
  try {
    // Before the content, so that a change between both is noticed by the next token.
    const version = await versionOf(path);
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return { keys: createLocalJWKSet(content as JSONWebKeySet), version };
  } catch (error) {
    throw error instanceof KeySetError ? error : notAKeySet(path, error);
  }
}

function notAKeySet(path: string, error: unknown): KeySetError {
  const reason = error instanceof errors.JWKSInvalid ? 'it is not a JSON Web Key Set' : reasonOf(error);
  return new KeySetError(`${path} does not contain a key set: ${reason}`);
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${String(code)})`;
}
