import { headerValues } from '../../client/header-policy.ts';
import type { AuthContext, HeaderPair } from '../../client/index.ts';
import type { GatewayRequest } from '../exchange.ts';
import { GatewayRefusal } from '../refusal.ts';
import { type ProtectedResource, withMetadataUrl } from '../resource-metadata.ts';

/** A request without its body, as authenticators see it. */
export type AuthenticationRequest = Omit<GatewayRequest, 'body'>;

/** The result of authentication. */
export type Authentication =
  /** The caller has an identity. Create the context with `encodeAuthContext`. */
  | { readonly kind: 'authenticated'; readonly authContext: AuthContext }
  /** The request has no credentials. The policy for anonymous callers applies. */
  | { readonly kind: 'anonymous' }
  /** The credentials are invalid. The gateway never treats them as missing. */
  | {
      readonly kind: 'refused';
      /** One line for the caller, without any part of the credentials. */
      readonly message: string;
      /** The value of the header field `www-authenticate`. */
      readonly challenge?: string;
    };

/** Authenticates callers. If it throws, the gateway answers with 503, because the credentials could not be checked. */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Promise<Authentication>;
  /** The value of `www-authenticate` for callers without the required credentials. Default: `Bearer`. */
  readonly challenge?: string;
}

/** The treatment of anonymous callers: serve them without an auth context, or answer 401. */
export type AnonymousPolicy = 'allow' | 'refuse';

/** Options of authentication. */
export interface IdentityOptions {
  /** The authenticator. Without one, every caller is anonymous. */
  readonly authenticator?: Authenticator | undefined;
  /** The treatment of anonymous callers. It has no default, so that the operator chooses explicitly. */
  readonly anonymous: AnonymousPolicy;
  /** Names the metadata of the endpoint in challenges. */
  readonly resource?: ProtectedResource | undefined;
}

/**
 * Authenticates the caller of a request.
 * @returns the auth context, or undefined for an anonymous caller that the policy allows
 * @throws GatewayRefusal 401, or 503 if the authenticator fails
 */
export async function identify(
  { authenticator, anonymous, resource }: IdentityOptions,
  request: AuthenticationRequest,
): Promise<AuthContext | undefined> {
  const found = await authenticationOf(authenticator, request);
  if (found.kind === 'authenticated') return found.authContext;
  if (found.kind === 'refused') {
    const headers = challengeHeader(found.challenge ?? authenticator?.challenge, request, resource);
    throw new GatewayRefusal('authentication_failed', found.message, { headers });
  }
  if (anonymous === 'allow') return undefined;
  const headers = challengeHeader(authenticator?.challenge, request, resource);
  throw new GatewayRefusal('authentication_required', 'Authentication is required', { headers });
}

async function authenticationOf(
  authenticator: Authenticator | undefined,
  request: AuthenticationRequest,
): Promise<Authentication> {
  if (authenticator === undefined) {
    // A caller with unchecked credentials is not anonymous (GW-23).
    const hasCredentials = headerValues(request.headers, 'authorization').length > 0;
    return hasCredentials
      ? { kind: 'refused', message: 'This gateway does not accept credentials' }
      : { kind: 'anonymous' };
  }
  try {
    return await authenticator.authenticate(request);
  } catch (error) {
    const message = 'The credentials could not be checked';
    throw new GatewayRefusal('authentication_unavailable', message, { cause: error });
  }
}

function challengeHeader(
  challenge = 'Bearer',
  request: AuthenticationRequest,
  resource: ProtectedResource | undefined,
): HeaderPair[] {
  return [['www-authenticate', resource ? withMetadataUrl(challenge, request, resource) : challenge]];
}
