import { JsonError, parseJson } from '../../match/json.ts';
import { digestOf, shownBytes } from './bytes.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { PlayedCall } from './played-call.ts';

/** Bodies larger than this are observed by their length and digest alone. */
const shownLimit = 256 << 10;

/** What reached the socket, as patterns and reports see it. */
export function observeCall(call: PlayedCall): Readonly<Record<string, unknown>> {
  const { message } = call;
  return {
    rpc: call.rpc,
    method: message.method,
    path: message.path,
    query: message.query,
    ...observeBytes(message.body),
    headers: { ...message.headers },
    // For what must not be in any field.
    headerText: Object.entries(message.headers)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join(''),
    serverId: message.serverId,
    sessionId: message.sessionId,
    affinityForwarded: message.affinityForwarded,
    authContext: observeAuthContext(message.authContext),
    timeoutMs: call.timeoutMs ?? null,
  };
}

/** What came back to the HTTP caller so far. */
export function observeExchange(exchange: HttpExchange): Readonly<Record<string, unknown>> {
  const head = exchange.headSoFar;
  const end = exchange.endSoFar;
  const { body } = exchange;
  const json = jsonOf(body);
  return {
    ...(head === undefined ? {} : { status: head.status, headers: head.headers }),
    ...observeBytes(body),
    ...(json === undefined ? {} : { json: json.value }),
    ...(end === undefined ? {} : { complete: end.complete }),
    ...(end?.problem === undefined ? {} : { problem: end.problem }),
  };
}

function observeBytes(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return bytes.length > shownLimit
    ? { bytes: bytes.length, sha256: digestOf(bytes) }
    : { body: shownBytes(bytes), bytes: bytes.length, sha256: digestOf(bytes) };
}

function jsonOf(body: Buffer): { readonly value: unknown } | undefined {
  if (body.length === 0 || body.length > shownLimit) return undefined;
  try {
    return { value: parseJson(body.toString()) };
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Null where there is none: an empty message says nothing either. */
function observeAuthContext(
  context: { readonly encoded: string; readonly expiresAtEpochMs: bigint } | undefined,
): unknown {
  if (context === undefined || (context.encoded === '' && context.expiresAtEpochMs === 0n)) return null;
  const { encoded } = context;
  const expiresAtEpochMs = Number(context.expiresAtEpochMs);
  if (!/^[A-Za-z0-9_-]*$/.test(encoded))
    return { expiresAtEpochMs, problem: 'not base64url without padding' };
  try {
    return { expiresAtEpochMs, claims: parseJson(Buffer.from(encoded, 'base64url').toString()) };
  } catch {
    return { expiresAtEpochMs, problem: 'not JSON' };
  }
}
