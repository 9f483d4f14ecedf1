import { headerValues } from '../client/header-policy.ts';
import type { GatewayRequest } from './exchange.ts';
import { GatewayRefusal } from './refusal.ts';

/** The loopback names of this machine. */
export const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Options of {@link checkHost}. */
export interface HostOptions {
  /** Allowed hosts. An entry with a port matches only that port. `*` matches any host. */
  readonly allowedHosts: readonly string[];
  /**
   * Allowed origins such as `https://app.example`, in addition to the origin of the gateway. `*` matches any origin.
   */
  readonly allowedOrigins: readonly string[];
}

/**
 * Refuses requests that a page of another site sends through a browser (DNS rebinding). `host` and the authority of an
 * absolute URL must be allowed hosts. An `origin`, if present, must be allowed or that of the requested host itself:
 * other programs may serve pages on other ports of the same host.
 * @throws GatewayRefusal 403
 */
export function checkHost(request: GatewayRequest, { allowedHosts, allowedOrigins }: HostOptions): void {
  const hosts = headerValues(request.headers, 'host');
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(request.url)?.[1];
  const claimed = authority === undefined ? hosts : [...hosts, authority];
  const isOne = hosts.length < 2 && claimed.length > 0;
  if (!isOne || !claimed.every((host) => isAllowedHost(host, allowedHosts))) {
    throw new GatewayRefusal('host_not_allowed', 'Host: not allowed');
  }
  const origins = headerValues(request.headers, 'origin');
  if (!origins.every((origin) => isAllowedOrigin(origin, claimed, { allowedHosts, allowedOrigins }))) {
    throw new GatewayRefusal('origin_not_allowed', 'Origin: not allowed');
  }
}

function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  if (allowed.includes('*')) return true;
  const full = host.toLowerCase();
  const name = full.replace(/:\d*$/, '').replace(/\.$/, '');
  return allowed.some((candidate) => [full, name].includes(candidate.toLowerCase()));
}

function isAllowedOrigin(
  origin: string,
  requested: readonly string[],
  { allowedHosts, allowedOrigins }: HostOptions,
): boolean {
  if (allowedOrigins.includes('*')) return true;
  if (allowedOrigins.some((allowed) => allowed.toLowerCase() === origin.toLowerCase())) return true;
  // `*` in `allowedHosts` does not allow requests from the pages of every site.
  const named = allowedHosts.filter((host) => host !== '*');
  const [, scheme = '', authority] = /^(https?):\/\/([^/?#@\s]+)$/i.exec(origin) ?? [];
  if (authority === undefined || !isAllowedHost(authority, named)) return false;
  const port = scheme.toLowerCase() === 'https' ? ':443' : ':80';
  const plain = (host: string) => host.toLowerCase().replace(port, '');
  return requested.every((host) => plain(host) === plain(authority));
}
