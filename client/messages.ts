import { create } from '@bufbuild/protobuf';
import {
  httpMethods,
  McpAuthContextSchema,
  type McpRequest,
  McpRequestSchema,
  type RequestRpc,
} from '../proto/index.ts';
import { RefusedStreamError } from './errors.ts';
import { headersForRuntime } from './header-policy.ts';

/** Who calls, encoded for the wire; made by `encodeAuthContext`. */
export interface AuthContext {
  /** Base64url without padding of a JSON object with the claims (AUTH-1). */
  readonly encoded: string;
  /** When the claims end, in milliseconds since the epoch; 0n: not known. */
  readonly expiresAtEpochMs: bigint;
}

/** An HTTP request of MCP, as the runtime gets it. Everything has a default. */
export interface RuntimeRequest {
  /** The HTTP method. Default: the one that belongs to the RPC. */
  readonly method?: string | undefined;
  /** The path of the MCP endpoint. Default: `/mcp`, or `/servers/ID/mcp` where there is a `serverId`. */
  readonly path?: string | undefined;
  /** The query, without `?`. */
  readonly query?: string | undefined;
  /** The body; a string is sent as UTF-8. */
  readonly body?: Uint8Array | string | undefined;
  /** Header fields. They pass the header hygiene (CLIENT-4 to CLIENT-6) on their way out. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The virtual server that the call is scoped to. */
  readonly serverId?: string | undefined;
  readonly authContext?: AuthContext | undefined;
  /** A peer gateway has already chosen this runtime for the session. */
  readonly affinityForwarded?: boolean | undefined;
  /** The session, as the runtime named it. */
  readonly sessionId?: string | undefined;
}

/** An HTTP response of MCP. A status of 400 or more is an answer, not an exception. */
export interface RuntimeResponse {
  /** The HTTP status, 200 to 599. */
  readonly status: number;
  /** Header fields; names in lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What `HealthCheck` says. */
export interface RuntimeHealth {
  /** "ok", or what is wrong in one word. */
  readonly status: string;
  /** "off", "shadow", "edge" or "full". */
  readonly mode: string;
  readonly version: string;
  /** The optional surfaces that the runtime serves, such as "stream-head". */
  readonly capabilities: readonly string[];
}

function defaultPath(serverId: string | undefined): string {
  return serverId ? `/servers/${encodeURIComponent(serverId)}/mcp` : '/mcp';
}

/** The wire message for a request, its defaults filled in and its header fields clean. */
export function toMcpRequest(rpc: RequestRpc, request: RuntimeRequest): McpRequest {
  const { body, authContext } = request;
  return create(McpRequestSchema, {
    method: request.method ?? httpMethods[rpc][0],
    path: request.path ?? defaultPath(request.serverId),
    query: request.query ?? '',
    body: typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array()),
    headers: headersForRuntime(request.headers ?? {}),
    serverId: request.serverId ?? '',
    affinityForwarded: request.affinityForwarded ?? false,
    sessionId: request.sessionId ?? '',
    ...(authContext && { authContext: create(McpAuthContextSchema, { ...authContext }) }),
  });
}

/** The body of a gateway's own error: the JSON-RPC error -32000 with `id` null. */
export function gatewayErrorBody(message: string): Uint8Array {
  const error = { code: -32000, message };
  return new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
}

/**
 * The HTTP response that a gateway gives when a call throws (CLIENT-12). Every failure becomes 502 with the same
 * JSON-RPC error -32000 and `id` null: nothing of the error shows. A {@link RefusedStreamError} is an answer of the
 * runtime rather than a failure: its own status and header fields, with an empty body.
 */
export function toGatewayResponse(error: unknown): RuntimeResponse {
  if (error instanceof RefusedStreamError) {
    return { status: error.status, headers: error.headers, body: new Uint8Array() };
  }
  const body = gatewayErrorBody('The MCP runtime could not be reached or did not answer');
  return { status: 502, headers: { 'content-type': 'application/json' }, body };
}
