import type { AuthContext, HeaderPair } from '../../client/index.ts';
import { headerValues } from '../exchange.ts';
import { GatewayRefusal } from '../refusal.ts';
import type {
  AnonymousPolicy,
  Authentication,
  AuthenticationRequest,
  Authenticator,
} from './authenticator.ts';

/** How callers are told apart. */
export interface IdentityOptions {
  /** Without one, every caller is without identity. */
  readonly authenticator: Authenticator | undefined;
  readonly anonymous: AnonymousPolicy;
}

/**
 * Establishes who calls.
 * @returns the auth context; undefined for a caller without identity, where the policy allows one
 * @throws GatewayRefusal 401, or 503 where the authenticator fails
 */
export async function identify(
  { authenticator, anonymous }: IdentityOptions,
  request: AuthenticationRequest,
): Promise<AuthContext | undefined> {
  const found = await authenticationOf(authenticator, request);
  if (found.kind === 'authenticated') return found.authContext;
  if (found.kind === 'refused') {
    throw new GatewayRefusal('authentication_failed', {
      status: 401,
      message: found.message,
      headers: challengeHeader(found.challenge ?? authenticator?.challenge),
    });
  }
  if (anonymous === 'allow') return undefined;
  throw new GatewayRefusal('authentication_required', {
    status: 401,
    message: 'Authentication is required',
    headers: challengeHeader(authenticator?.challenge),
  });
}

async function authenticationOf(
  authenticator: Authenticator | undefined,
  request: AuthenticationRequest,
): Promise<Authentication> {
  if (authenticator === undefined) {
    // Credentials that nobody looks at do not count as none (GW-23).
    const shown = headerValues(request.headers, 'authorization').length > 0;
    return shown ? { kind: 'refused', message: 'No credentials are accepted here' } : { kind: 'anonymous' };
  }
  try {
    return await authenticator.authenticate(request);
  } catch (error) {
    throw new GatewayRefusal('authentication_unavailable', {
      status: 503,
      message: 'Who calls could not be found out',
      cause: error,
    });
  }
}

function challengeHeader(challenge = 'Bearer'): HeaderPair[] {
  return [['www-authenticate', challenge]];
}
