import { create } from '@bufbuild/protobuf';
import {
  httpMethods,
  McpAuthContextSchema,
  type McpRequest,
  McpRequestSchema,
  type RequestRpc,
} from '../proto/index.ts';
import { RefusedStreamError } from './errors.ts';
import { sanitisedOnce } from './header-policy.ts';

/** The caller's claims, encoded for the wire by `encodeAuthContext`. */
export interface AuthContext {
  /** A JSON object with the claims in base64url without padding (AUTH-1). */
  readonly encoded: string;
  /** The expiry in milliseconds since the epoch. 0n means unknown. */
  readonly expiresAtEpochMs: bigint;
}

/** An MCP request over HTTP for the runtime. All members have defaults. */
export interface RuntimeRequest {
  /** The HTTP method. Default: the method of the RPC. */
  readonly method?: string | undefined;
  /** The path of the MCP endpoint. Default: `/servers/ID/mcp` with a `serverId`, otherwise `/mcp`. */
  readonly path?: string | undefined;
  /** The query without `?`. */
  readonly query?: string | undefined;
  /** The body. A string is sent as UTF-8. */
  readonly body?: Uint8Array | string | undefined;
  /** Header fields. The client sanitises them (CLIENT-4 to CLIENT-6). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The virtual server of the call. */
  readonly serverId?: string | undefined;
  readonly authContext?: AuthContext | undefined;
  /** Whether a peer gateway has already chosen this runtime for the session. */
  readonly affinityForwarded?: boolean | undefined;
  /** The id of the session. */
  readonly sessionId?: string | undefined;
}

/** An MCP response over HTTP. A status of 400 or more does not cause an error. */
export interface RuntimeResponse {
  /** The HTTP status, 200 to 599. */
  readonly status: number;
  /** Header fields by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The answer to `HealthCheck`. */
export interface RuntimeHealth {
  /** "ok", or the problem in one word. */
  readonly status: string;
  /** "off", "shadow", "edge" or "full". */
  readonly mode: string;
  readonly version: string;
  /** The capabilities of the runtime, such as "stream-head". */
  readonly capabilities: readonly string[];
}

function defaultPath(serverId: string | undefined): string {
  return serverId ? `/servers/${encodeURIComponent(serverId)}/mcp` : '/mcp';
}

/** Converts a request to a wire message, with defaults and sanitised header fields. */
export function toMcpRequest(rpc: RequestRpc, request: RuntimeRequest): McpRequest {
  const { body, authContext } = request;
  return create(McpRequestSchema, {
    method: request.method ?? httpMethods[rpc][0],
    path: request.path ?? defaultPath(request.serverId),
    query: request.query ?? '',
    body: typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array()),
    headers: sanitisedOnce(request.headers ?? {}),
    serverId: request.serverId ?? '',
    affinityForwarded: request.affinityForwarded ?? false,
    sessionId: request.sessionId ?? '',
    ...(authContext && { authContext: create(McpAuthContextSchema, { ...authContext }) }),
  });
}

/** What an error response of a gateway depends on, besides the error. */
export interface ErrorContext {
  /** The value of `mcp-protocol-version` in the request. Undefined if the request has none. */
  readonly revision?: string | undefined;
}

/** The MCP revision that reserves the codes from -32000 to -32019, and that has no `id` null. */
const revisionWithoutSessions = '2026-07-28';

/**
 * Returns the body of an error response from the gateway: the JSON-RPC error -32000 with `id` null, or for a request of
 * MCP 2026-07-28, -32600 or -32603 without `id`.
 * @param status the HTTP status of the response
 */
export function gatewayErrorBody(message: string, status: number, { revision }: ErrorContext): Uint8Array {
  const isModern = revision === revisionWithoutSessions;
  const code = status < 500 ? -32600 : -32603;
  const body = isModern
    ? { jsonrpc: '2.0', error: { code, message } }
    : { jsonrpc: '2.0', id: null, error: { code: -32000, message } };
  return new TextEncoder().encode(JSON.stringify(body));
}

/**
 * Converts the error of a call to the HTTP response of a gateway (CLIENT-12). Every failure becomes 502 with the same
 * JSON-RPC error, without details of the error: -32000 with `id` null, or for a request of MCP 2026-07-28, -32603
 * without `id`. A {@link RefusedStreamError} is an answer from the runtime and keeps its status, its header fields and
 * its body.
 */
export function toGatewayResponse(error: unknown, context: ErrorContext = {}): RuntimeResponse {
  if (error instanceof RefusedStreamError) {
    return { status: error.status, headers: error.headers, body: error.body };
  }
  const body = gatewayErrorBody('The MCP runtime could not be reached or did not answer', 502, context);
  return { status: 502, headers: { 'content-type': 'application/json' }, body };
}
