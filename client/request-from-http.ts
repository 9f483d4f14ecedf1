import { isIPv4 } from 'node:net';
import { isFieldValue } from '../base/http-fields.ts';
import { type RequestRpc, rpcOfMethod } from '../proto/index.ts';
import { type HeaderSource, headerValues, sanitisedOnce } from './header-policy.ts';
import type { AuthContext, RuntimeRequest } from './messages.ts';

/** An HTTP request to a gateway. */
export interface HttpRequestDescription {
  /** The HTTP method, unchanged, because methods are case-sensitive. */
  readonly method: string;
  /** The request target: `/servers/ID/mcp?query` or an absolute URL. */
  readonly url: string;
  /** The header fields in any form. Use `rawHeaders` instead of `headers` if duplicates matter. */
  readonly headers: HeaderSource;
  /** The complete body. Only POST passes it to the runtime. */
  readonly body?: Uint8Array | string | undefined;
  /** The address of the peer, such as Node's `socket.remoteAddress`. Only a loopback peer is trusted. */
  readonly peerAddress?: string | undefined;
  readonly authContext?: AuthContext | undefined;
}

/** The reason why the runtime does not serve a request. */
export type FallbackReason = 'method' | 'path' | 'upgrade';

/** The translation of an HTTP request: a call to the runtime, or a request for the fallback of the gateway. */
export type HttpRequestTranslation =
  | { readonly kind: 'rpc'; readonly rpc: RequestRpc; readonly request: RuntimeRequest }
  | { readonly kind: 'fallback'; readonly reason: FallbackReason };

/** Returns whether an address is a loopback address: ::1, or 127.0.0.0/8 in plain or IPv4-mapped form. */
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
  // The runtime refuses control characters (RPC-9). Dots and slashes would be path traversal.
  return /^\.{1,2}$|[\p{Cc}/\\]/u.test(decoded) ? undefined : decoded;
}

/** Returns the scope and the canonical path of an MCP endpoint, or undefined for any other path. */
function endpointOf(path: string): { path: string; serverId: string } | undefined {
  const match = /^(?:\/servers\/([^/]+))?\/mcp\/?$/.exec(path);
  if (match === null) return undefined;
  const serverId = decodeServerId(match[1] ?? '');
  return serverId === undefined ? undefined : { path: path.replace(/\/$/, ''), serverId };
}

/** Returns whether a request target is an MCP endpoint. */
export function isMcpEndpoint(url: string): boolean {
  return endpointOf(splitTarget(url).path) !== undefined;
}

function isAffinityForwarded({ headers, peerAddress }: HttpRequestDescription): boolean {
  const claims = headerValues(headers, 'x-forwarded-internally');
  return claims.length === 1 && claims[0] === 'true' && isLoopbackAddress(peerAddress ?? '');
}

/**
 * Translates an HTTP request to a call to the runtime (CLIENT-13): POST to `Invoke`, GET to `InvokeStream`, DELETE to
 * `CloseSession`. `serverId` comes from the path `/servers/ID/mcp`, `sessionId` from `mcp-session-id`, and
 * `affinityForwarded` from `x-forwarded-internally: true` of a loopback peer. Any other method, any other path, and an
 * upgrade to WebSocket are for the fallback of the gateway.
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
    headers: sanitisedOnce(http.headers),
    serverId: endpoint.serverId,
    authContext: http.authContext,
    affinityForwarded: isAffinityForwarded(http),
    sessionId: headerValues(http.headers, 'mcp-session-id').filter(isFieldValue).join(', '),
  };
  return { kind: 'rpc', rpc, request };
}
