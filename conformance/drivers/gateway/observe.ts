import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { WrittenBytes } from '../../case/gateway-case.ts';
import { JsonError, parseJson } from '../../match/json.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { PlayedCall } from './played-call.ts';

/** Larger bodies are observed only by length and digest. */
const shownLimit = 256 << 10;

/** Returns a call at the socket in the form that patterns and reports use. */
export function observeCall(call: PlayedCall): Readonly<Record<string, unknown>> {
  const { rpc, message, authority, timeoutMs = null } = call;
  const { method, path, query, body, headers, serverId, sessionId, affinityForwarded, authContext } = message;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`);
  return {
    rpc,
    method,
    path,
    query,
    ...observeBytes(body),
    headers: { ...headers },
    // Patterns check this member for text that must not occur in any header field.
    headerText: lines.join(''),
    serverId,
    sessionId,
    affinityForwarded,
    authContext: observeAuthContext(authContext),
    authority,
    timeoutMs,
  };
}

/** Returns the response received so far in the form that patterns and reports use. */
export function observeExchange(exchange: HttpExchange): Readonly<Record<string, unknown>> {
  const { headSoFar, body, endSoFar } = exchange;
  return { ...headSoFar, ...observeBytes(body), ...jsonOf(body), ...endSoFar };
}

function observeBytes(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const body = bytes.length > shownLimit ? undefined : { body: shownBytes(bytes) };
  return { ...body, bytes: bytes.length, sha256: digestOf(bytes) };
}

function jsonOf(body: Buffer): { readonly json: unknown } | undefined {
  if (body.length === 0 || body.length > shownLimit) return undefined;
  try {
    return { json: parseJson(body.toString()) };
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Decodes the auth context. Returns null if it is absent or empty. */
function observeAuthContext(
  context: { readonly encoded: string; readonly expiresAtEpochMs: bigint } | undefined,
): unknown {
  if (context === undefined || (context.encoded === '' && context.expiresAtEpochMs === 0n)) return null;
  const { encoded } = context;
  const expiresAtEpochMs = Number(context.expiresAtEpochMs);
  if (!/^[A-Za-z0-9_-]*$/.test(encoded)) return { expiresAtEpochMs, problem: 'not unpadded base64url' };
  try {
    return { expiresAtEpochMs, claims: parseJson(Buffer.from(encoded, 'base64url').toString()) };
  } catch {
    return { expiresAtEpochMs, problem: 'not JSON' };
  }
}

/** Decodes bytes from a fixture. */
export function bytesOf(written: WrittenBytes | undefined): Buffer {
  if (written === undefined) return Buffer.alloc(0);
  if (typeof written === 'string') return Buffer.from(written);
  if ('base64' in written) return Buffer.from(written.base64, 'base64');
  if ('bytes' in written) return everyByte(written.bytes);
  return Buffer.from(written.repeat.repeat(written.times));
}

/** Makes bytes of every value in an order that reveals missing, repeated or reordered pieces. */
export function everyByte(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Renders bytes for observations: as text if they are valid text, otherwise in base64. */
export function shownBytes(bytes: Uint8Array): string | { readonly base64: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString() : { base64: buffer.toString('base64') };
}

/** Returns a digest that represents bytes too large to show. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
