import type { HttpMethod, McpRequest, RequestRpc } from '../../proto/index.ts';
import type { AuthContext } from '../identity/caller.ts';

import type { RequestHeaders } from './headers.ts';

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
  /** The session that is named, "" for none (SESSION-7). */
  readonly sessionId: string;
  readonly authContext: AuthContext | undefined;
  /** Aborts when the caller cancels, its connection ends or the deadline passes. */
  readonly signal: AbortSignal;
}

/** How a request message becomes a call; each step can be replaced. */
export interface CallHooks {
  checkFields(request: McpRequest): void;
  readMethod(rpc: RequestRpc, method: string): HttpMethod;
  readHeaders(fields: Readonly<Record<string, string>>): RequestHeaders;
  dropInternalHeaders(headers: RequestHeaders): RequestHeaders;
  scopeOf(request: McpRequest): string;
  sessionIdOf(request: McpRequest): string;
}

/**
 * Reads a call from its request message. `affinity_forwarded` is not looked at (RPC-10).
 *
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
