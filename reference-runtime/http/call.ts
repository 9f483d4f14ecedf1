import { isFieldName, isFieldValue } from '../../base/http-fields.ts';
import { type HttpMethod, httpMethods, type McpRequest, type RequestRpc } from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import type { AuthContext } from '../identity/caller.ts';

/** Request header fields by their lower-case names. */
export type RequestHeaders = ReadonlyMap<string, string>;

/** An HTTP request as the gateway sent it, checked on the gRPC layer. */
export interface Call {
  readonly rpc: RequestRpc;
  readonly method: HttpMethod;
  readonly path: string;
  /** Without the fields that must have no effect. */
  readonly headers: RequestHeaders;
  readonly body: Uint8Array;
  /** The scope of the call, "" for none (RPC-8). */
  readonly serverId: string;
  /** The session that the call names, "" for none (SESSION-7). */
  readonly sessionId: string;
  readonly authContext: AuthContext | undefined;
  /** Aborts when the caller cancels, its connection ends or the deadline passes. */
  readonly signal: AbortSignal;
}

/** How a request message becomes a call. */
export const callHooks = {
  checkFields,
  readMethod,
  readHeaders,
  dropInternalHeaders,
  scopeOf: (request: McpRequest): string => request.serverId,
  sessionIdOf: (request: McpRequest): string => request.sessionId,
};
/** The replaceable steps of `readCall`. */
export type CallHooks = typeof callHooks;

/**
 * Reads a call from its request message. `affinity_forwarded` has no effect (RPC-10).
 * @throws CallRefused INVALID_ARGUMENT (RPC-5, RPC-9, HEADER-3, HEADER-4).
 */
export function readCall(rpc: RequestRpc, request: McpRequest, signal: AbortSignal, hooks: CallHooks): Call {
  hooks.checkFields(request);
  const method = hooks.readMethod(rpc, request.method);
  const headers = hooks.dropInternalHeaders(hooks.readHeaders(request.headers));
  return {
    rpc,
    method,
    path: request.path,
    headers,
    body: request.body,
    serverId: hooks.scopeOf(request),
    sessionId: hooks.sessionIdOf(request),
    authContext: request.authContext,
    signal,
  };
}

/** @throws CallRefused for a control character in a typed field (RPC-9). */
function checkFields({ method, path, query, serverId, sessionId }: McpRequest): void {
  const fields = { method, path, query, server_id: serverId, session_id: sessionId };
  for (const [name, value] of Object.entries(fields)) {
    if (/\p{Cc}/u.test(value)) {
      throw new CallRefused('INVALID_ARGUMENT', `${name}: has a control character`);
    }
  }
}

/** The RPC decides; an empty `method` agrees with it. @throws CallRefused where `method` contradicts it (RPC-5). */
function readMethod(rpc: RequestRpc, method: string): HttpMethod {
  const methods = httpMethods[rpc];
  if (method === '') return methods[0];
  const agreed = methods.find((name) => name === method);
  if (agreed === undefined) {
    throw new CallRefused('INVALID_ARGUMENT', `method: ${rpc} stands for ${methods.join(' or ')}`);
  }
  return agreed;
}

const internalNames = new Set([
  'mcp-session-id',
  'x-mcp-session-id',
  'x-forwarded-internally',
  'x-original-worker',
]);

/**
 * Reads the header fields of a request: names in lower-case, whatever case they came in.
 * @throws CallRefused INVALID_ARGUMENT for a name that is no token, a value outside visible ASCII, space and tab
 *   (HEADER-4), and two names that differ in case alone (HEADER-3).
 */
export function readHeaders(fields: Readonly<Record<string, string>>): RequestHeaders {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (!isFieldName(name)) throw invalid('a name is not a token of RFC 9110');
    const lowerCase = name.toLowerCase();
    if (!isFieldValue(value)) throw invalid(`the value of ${lowerCase} is not visible ASCII`);
    if (headers.has(lowerCase)) throw invalid(`${lowerCase} is named twice, in different case`);
    headers.set(lowerCase, value);
  }
  return headers;
}

function invalid(problem: string): CallRefused {
  return new CallRefused('INVALID_ARGUMENT', `headers: ${problem}`);
}

/** Drops the fields that must have no effect: internal ones (HEADER-5), `mcp-session-id` (SESSION-7). */
export function dropInternalHeaders(headers: RequestHeaders): RequestHeaders {
  return new Map(
    [...headers].filter(([name]) => !internalNames.has(name) && !name.startsWith('x-contextforge-')),
  );
}
