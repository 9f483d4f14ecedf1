import { headerValues } from '../../client/header-policy.ts';
import type { AuthContext, HeaderPair } from '../../client/index.ts';
import type { GatewayRequest } from '../exchange.ts';
import { GatewayRefusal } from '../refusal.ts';

/** What an authenticator sees of a request: everything but the body. */
export type AuthenticationRequest = Omit<GatewayRequest, 'body'>;

/** Who calls, as an authenticator found out. */
export type Authentication =
  /** Somebody; `encodeAuthContext` makes the context. */
  | { readonly kind: 'authenticated'; readonly authContext: AuthContext }
  /** Nobody: the request shows no credentials. The policy for such callers decides. */
  | { readonly kind: 'anonymous' }
  /** Credentials that do not hold: never treated as none. */
  | {
      readonly kind: 'refused';
      /** One line for the caller, without anything of the credentials. */
      readonly message: string;
      /** The header field `www-authenticate`. */
      readonly challenge?: string;
    };

/** Establishes who calls. What it throws is answered 503: whether the credentials hold could not be found out. */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Promise<Authentication>;
  /** The header field `www-authenticate` for callers that show no credentials and have to. Default: `Bearer`. */
  readonly challenge?: string;
}

/** How to treat callers without identity: serve them without an auth context, or answer 401. */
export type AnonymousPolicy = 'allow' | 'refuse';

/** How callers are told apart. */
export interface IdentityOptions {
  /** Establishes who calls. Without one, every caller is without identity. */
  readonly authenticator?: Authenticator | undefined;
  /** How to treat callers without identity. It has no default: somebody has to decide. */
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
    const headers = challengeHeader(found.challenge ?? authenticator?.challenge);
    throw new GatewayRefusal('authentication_failed', found.message, { headers });
  }
  if (anonymous === 'allow') return undefined;
  const headers = challengeHeader(authenticator?.challenge);
  throw new GatewayRefusal('authentication_required', 'Authentication is required', { headers });
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
    const message = 'Who calls could not be found out';
    throw new GatewayRefusal('authentication_unavailable', message, { cause: error });
  }
}

function challengeHeader(challenge = 'Bearer'): HeaderPair[] {
  return [['www-authenticate', challenge]];
}
