import { isIPv4 } from 'node:net';
import { isFieldValue } from '../base/http-fields.ts';
import { type RequestRpc, rpcOfMethod } from '../proto/index.ts';
import { type HeaderSource, headersForRuntime, headerValues } from './header-policy.ts';
import type { AuthContext, RuntimeRequest } from './messages.ts';

/** An HTTP request, as a gateway sees it. */
export interface HttpRequestDescription {
  /** The HTTP method as it came: methods are case-sensitive. */
  readonly method: string;
  /** The request target: `/servers/ID/mcp?query`, or a whole URL. */
  readonly url: string;
  /** The header fields, in any form; give `rawHeaders` rather than `headers` where duplicates matter. */
  readonly headers: HeaderSource;
  /** The body, complete. It is passed on for POST only. */
  readonly body?: Uint8Array | string | undefined;
  /** The address of the peer, such as Node's `socket.remoteAddress`. Only a loopback peer is believed. */
  readonly peerAddress?: string | undefined;
  readonly authContext?: AuthContext | undefined;
}

/** Why a request is not for the runtime. */
export type FallbackReason = 'method' | 'path' | 'upgrade';

/** What becomes of an HTTP request: a call of the runtime, or something for the gateway's own handling. */
export type HttpRequestTranslation =
  | { readonly kind: 'rpc'; readonly rpc: RequestRpc; readonly request: RuntimeRequest }
  | { readonly kind: 'fallback'; readonly reason: FallbackReason };

/** Whether an address is of this machine: 127.0.0.0/8, also as IPv6 writes it, and ::1. */
export function isLoopbackAddress(address: string): boolean {
  const bare = address.toLowerCase().replace(/^::ffff:/, '');
  return bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'));
}

function splitTarget(url: string): { path: string; query: string } {
  const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  const [path = '', ...query] = target.split('?');
  return { path, query: query.join('?') };
}

function decodeServerId(encoded: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  // The runtime refuses control characters (RPC-9); dots and slashes are somebody's attempt at another path.
  return /^\.{1,2}$|[\p{Cc}/\\]/u.test(decoded) ? undefined : decoded;
}

/** The scope and the canonical path of an MCP endpoint; undefined where the path is none. */
function endpointOf(path: string): { path: string; serverId: string } | undefined {
  const match = /^(?:\/servers\/([^/]+))?\/mcp\/?$/.exec(path);
  if (match === null) return undefined;
  const serverId = decodeServerId(match[1] ?? '');
  return serverId === undefined ? undefined : { path: path.replace(/\/$/, ''), serverId };
}

function isAffinityForwarded({ headers, peerAddress }: HttpRequestDescription): boolean {
  const claims = headerValues(headers, 'x-forwarded-internally');
  return claims.length === 1 && claims[0] === 'true' && isLoopbackAddress(peerAddress ?? '');
}

/**
 * Turns an HTTP request into the call of the runtime that stands for it (CLIENT-13): POST into `Invoke`, GET into
 * `InvokeStream`, DELETE into `CloseSession`. `serverId` comes from the path `/servers/ID/mcp`, `sessionId` from
 * `mcp-session-id`, `affinityForwarded` from a loopback peer that says `x-forwarded-internally: true`. Another method,
 * another path, and an upgrade to another protocol are for the gateway's fallback.
 */
export function requestFromHttp(http: HttpRequestDescription): HttpRequestTranslation {
  const rpc = rpcOfMethod.get(http.method);
  if (rpc === undefined) return { kind: 'fallback', reason: 'method' };
  const { path, query } = splitTarget(http.url);
  const endpoint = endpointOf(path);
  if (endpoint === undefined) return { kind: 'fallback', reason: 'path' };
  const upgrades = headerValues(http.headers, 'upgrade');
  if (rpc === 'InvokeStream' && upgrades.some((value) => /\bwebsocket\b/i.test(value))) {
    return { kind: 'fallback', reason: 'upgrade' };
  }
  const request: RuntimeRequest = {
    method: http.method,
    path: endpoint.path,
    query,
    body: rpc === 'Invoke' ? http.body : undefined,
    headers: headersForRuntime(http.headers),
    serverId: endpoint.serverId,
    authContext: http.authContext,
    affinityForwarded: isAffinityForwarded(http),
    sessionId: headerValues(http.headers, 'mcp-session-id').filter(isFieldValue).join(', '),
  };
  return { kind: 'rpc', rpc, request };
}
