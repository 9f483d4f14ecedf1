import { requestFromHttp } from '../client/index.ts';
import type { GatewayAnswer, GatewayRequest } from './exchange.ts';

/** Facts about the gateway as a protected resource (RFC 9728), for clients that have no token yet. */
export interface ProtectedResource {
  /** The origin under which callers reach the gateway, such as `https://gateway.example`. */
  readonly origin: string;
  /** The issuers of tokens. */
  readonly authorizationServers: readonly string[];
}

const wellKnown = '/.well-known/oauth-protected-resource';

/** Returns the metadata of an endpoint, if a request asks for it. Callers need no credentials for it. */
export function metadataAnswer(
  { method, url }: Pick<GatewayRequest, 'method' | 'url'>,
  { origin, authorizationServers }: ProtectedResource,
): GatewayAnswer | undefined {
  const [path = ''] = url.split('?');
  if (method !== 'GET' || !path.startsWith(wellKnown)) return undefined;
  const endpoint = path.slice(wellKnown.length);
  const isEndpoint =
    endpoint === '' || requestFromHttp({ method: 'POST', url: endpoint, headers: [] }).kind !== 'fallback';
  if (!isEndpoint) return undefined;
  const metadata = {
    resource: resourceOf(origin, endpoint),
    authorization_servers: authorizationServers,
    bearer_methods_supported: ['header'],
  };
  const headers = [['content-type', 'application/json'] as const];
  return { status: 200, headers, body: Buffer.from(JSON.stringify(metadata)) };
}

/** Adds the URL of the metadata of an endpoint to a challenge of the scheme Bearer (RFC 9728 section 5.1). */
export function withMetadataUrl(
  challenge: string,
  { url }: Pick<GatewayRequest, 'url'>,
  { origin }: ProtectedResource,
): string {
  if (!/^Bearer\b/i.test(challenge)) return challenge;
  const [path = ''] = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split('?');
  const separator = challenge.includes(' ') ? ', ' : ' ';
  return `${challenge}${separator}resource_metadata="${resourceOf(origin, wellKnown + path)}"`;
}

/** Joins origin and path. Percent-encodes characters that would end a quoted text. */
function resourceOf(origin: string, path: string): string {
  return path === '' ? origin : new URL(path, origin).href;
}
