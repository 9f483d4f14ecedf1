import { headerValues } from '../client/header-policy.ts';
import type { GatewayRequest } from './exchange.ts';
import { GatewayRefusal } from './refusal.ts';

/** The names of this machine for itself. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Which names a gateway answers to; see {@link checkHost}. */
export interface HostOptions {
  /** Host names without port, or with one that then has to agree; `*` is any. */
  readonly allowedHosts: readonly string[];
  /** Origins such as `https://app.example`, besides those whose host is allowed; `*` is any. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Refuses requests that a page of another site makes a browser send (DNS rebinding): `host`, and the authority of a
 * whole URL, have to be an allowed host, and so does `origin`, where there is one, or it is an allowed origin.
 * @throws GatewayRefusal 403
 */
export function checkHost(request: GatewayRequest, { allowedHosts, allowedOrigins }: HostOptions): void {
  const hosts = headerValues(request.headers, 'host');
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(request.url)?.[1];
  const claimed = authority === undefined ? hosts : [...hosts, authority];
  const isOne = hosts.length < 2 && claimed.length > 0;
  if (!isOne || !claimed.every((host) => isAllowedHost(host, allowedHosts))) {
    throw new GatewayRefusal('host_not_allowed', 'Host: not allowed here');
  }
  const origins = headerValues(request.headers, 'origin');
  if (!origins.every((origin) => isAllowedOrigin(origin, { allowedHosts, allowedOrigins }))) {
    throw new GatewayRefusal('origin_not_allowed', 'Origin: not allowed here');
  }
}

function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  if (allowed.includes('*')) return true;
  const full = host.toLowerCase();
  const name = full.replace(/:\d*$/, '').replace(/\.$/, '');
  return allowed.some((candidate) => [full, name].includes(candidate.toLowerCase()));
}

function isAllowedOrigin(origin: string, { allowedHosts, allowedOrigins }: HostOptions): boolean {
  if (allowedOrigins.includes('*')) return true;
  if (allowedOrigins.some((allowed) => allowed.toLowerCase() === origin.toLowerCase())) return true;
  // An allowed host that is any host says nothing of whose pages may call.
  const named = allowedHosts.filter((host) => host !== '*');
  const authority = /^https?:\/\/([^/?#@\s]+)$/i.exec(origin)?.[1];
  return authority !== undefined && isAllowedHost(authority, named);
}
