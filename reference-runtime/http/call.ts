import { isFieldName, isFieldValue } from '../../base/http-fields.ts';
import type { Signal } from '../../base/signal.ts';
import { type HttpMethod, httpMethods, type McpRequest, type RequestRpc } from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import type { AuthContext } from '../identity/caller.ts';

/** The header fields of a request, keyed by lower-case name. */
export type RequestHeaders = ReadonlyMap<string, string>;

/** An HTTP request from the gateway that has passed the checks of the gRPC layer. */
export interface Call {
  readonly rpc: RequestRpc;
  readonly method: HttpMethod;
  readonly path: string;
  /** The header fields, except those that the runtime must ignore. */
  readonly headers: RequestHeaders;
  readonly body: Uint8Array;
  /** The scope of the call, or "" (RPC-8). */
  readonly serverId: string;
  /** The session id of the call, or "" (SESSION-7). */
  readonly sessionId: string;
  readonly authContext: AuthContext | undefined;
  /** Aborts on a cancellation, a lost connection or a passed deadline. */
  readonly signal: Signal;
}

/** The hooks of `readCall`. */
export const callHooks = {
  checkFields,
  readMethod,
  readHeaders,
  dropInternalHeaders,
  scopeOf: (request: McpRequest): string => request.serverId,
  sessionIdOf: (request: McpRequest): string => request.sessionId,
};
export type CallHooks = typeof callHooks;

/**
 * Validates a request message and returns its call. `affinity_forwarded` has no effect (RPC-10).
 * @throws CallRefused INVALID_ARGUMENT (RPC-5, RPC-9, HEADER-3, HEADER-4)
 */
export function readCall(rpc: RequestRpc, request: McpRequest, signal: Signal, hooks: CallHooks): Call {
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

/** Checks the typed fields. @throws CallRefused for a control character (RPC-9) */
function checkFields({ method, path, query, serverId, sessionId }: McpRequest): void {
  const fields = { method, path, query, server_id: serverId, session_id: sessionId };
  for (const [name, value] of Object.entries(fields)) {
    if (/\p{Cc}/u.test(value)) {
      throw new CallRefused('INVALID_ARGUMENT', `${name}: contains a control character`);
    }
  }
}

/**
 * Returns the method of the RPC for an empty `method`.
 * @throws CallRefused if `method` does not match the RPC (RPC-5)
 */
function readMethod(rpc: RequestRpc, method: string): HttpMethod {
  const methods = httpMethods[rpc];
  if (method === '') return methods[0];
  const agreed = methods.find((name) => name === method);
  if (agreed === undefined) {
    throw new CallRefused('INVALID_ARGUMENT', `method: ${rpc} requires ${methods.join(' or ')}`);
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
 * Returns the header fields of a request by lower-case name.
 * @throws CallRefused INVALID_ARGUMENT for a name that is not a token, a value outside visible ASCII, space and tab
 *   (HEADER-4), and two names that differ only in case (HEADER-3)
 */
export function readHeaders(fields: Readonly<Record<string, string>>): RequestHeaders {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (!isFieldName(name)) throw invalid('a name is not a token of RFC 9110');
    const lowerCase = name.toLowerCase();
    if (!isFieldValue(value)) throw invalid(`the value of ${lowerCase} is not visible ASCII`);
    if (headers.has(lowerCase)) throw invalid(`${lowerCase} occurs twice in different case`);
    headers.set(lowerCase, value);
  }
  return headers;
}

function invalid(problem: string): CallRefused {
  return new CallRefused('INVALID_ARGUMENT', `headers: ${problem}`);
}

/** Drops fields that must have no effect: internal ones (HEADER-5) and `mcp-session-id` (SESSION-7). */
export function dropInternalHeaders(headers: RequestHeaders): RequestHeaders {
  return new Map(
    [...headers].filter(([name]) => !internalNames.has(name) && !name.startsWith('x-contextforge-')),
  );
}
