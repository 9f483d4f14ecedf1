import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { headerValues } from '../../client/header-policy.ts';
import { type AuthClaims, encodeAuthContext } from '../../client/index.ts';
import type { Authentication, AuthenticationRequest, Authenticator } from './authenticator.ts';

/** The accepted signature algorithms, all with public keys. */
const signatures = [
  ...['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits)),
  ...['EdDSA', 'Ed25519'],
];

/** Error codes for a failure to get the keys. They do not mean that the token is invalid. */
const keySetFailures = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

/** Options for the check of bearer tokens. */
export interface BearerOptions {
  /** The public keys that verify tokens, from `keySetFromFile`, `keySetFromUrl` or jose. */
  readonly keys: JWTVerifyGetKey;
  /** The required issuer. Default: any. */
  readonly issuer?: string | undefined;
  /** The required audience. Default: any, so that tokens for other services are also accepted. */
  readonly audience?: string | undefined;
  /** The tolerated clock skew in seconds. Default: 0. */
  readonly clockToleranceSeconds?: number | undefined;
  /** Maps a token to claims. If it returns undefined, the token is refused. Default: `claimsOf`. */
  readonly claims?: ((payload: JWTPayload) => AuthClaims | undefined) | undefined;
}

/**
 * Creates an authenticator for signed JSON Web Tokens in `authorization: Bearer`. The claims become the auth context,
 * and `exp` its expiry (GW-21, GW-22). Any other value of `authorization` is refused (GW-23).
 */
export function bearerAuthenticator(options: BearerOptions): Authenticator {
  return {
    challenge: 'Bearer',
    authenticate: async ({ headers }: AuthenticationRequest) => {
      const values = headerValues(headers, 'authorization');
      if (values.length === 0) return { kind: 'anonymous' };
      const token = values.length === 1 ? /^Bearer +(\S+)$/i.exec(values[0] ?? '')?.[1] : undefined;
      return token === undefined
        ? refused('A bearer token is required')
        : await authenticationBy(token, options);
    },
  };
}

async function authenticationBy(token: string, options: BearerOptions): Promise<Authentication> {
  try {
    const { payload } = await jwtVerify(token, options.keys, {
      algorithms: signatures,
      clockTolerance: options.clockToleranceSeconds ?? 0,
      issuer: options.issuer,
      audience: options.audience,
    });
    const claims = (options.claims ?? claimsOf)(payload);
    if (claims === undefined) return refused('The token does not name its bearer');
    return { kind: 'authenticated', authContext: encodeAuthContext(claims, expiryOf(payload)) };
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || keySetFailures.has(error.code)) throw error;
    return refused(error instanceof errors.JWTExpired ? 'The token has expired' : 'The token is invalid');
  }
}

function expiryOf({ exp }: JWTPayload): number | undefined {
  return exp === undefined ? undefined : exp * 1000;
}

function refused(message: string): Authentication {
  return { kind: 'refused', message, challenge: 'Bearer error="invalid_token"' };
}

/**
 * The default mapping of a token to claims. The name is `email`, or `sub` if `email` is missing. Other claims have the
 * names of the contract. `scope` replaces a missing `scoped_permissions`. A claim that is missing or of the wrong type
 * grants nothing.
 * @returns undefined if the token has no name
 */
export function claimsOf(payload: JWTPayload): AuthClaims | undefined {
  const email = text(payload['email']) ?? text(payload.sub);
  if (email === undefined) return undefined;
  return {
    isAuthenticated: true,
    email,
    teams: payload['teams'] === null ? null : texts(payload['teams']),
    isAdmin: payload['is_admin'] === true,
    permissionIsAdmin: payload['permission_is_admin'] === true,
    tokenUse: text(payload['token_use']),
    scopedPermissions: texts(payload['scoped_permissions']) ?? text(payload['scope'])?.split(/ +/),
    scopedServerId: text(payload['scoped_server_id']),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((member) => typeof member === 'string') ? value : undefined;
}
