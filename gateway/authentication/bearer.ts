import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { headerValues } from '../../client/header-policy.ts';
import { type AuthClaims, encodeAuthContext } from '../../client/index.ts';
import type { Authentication, AuthenticationRequest, Authenticator } from './authenticator.ts';

/** Signatures that a public key verifies. */
const signatures = [
  ...['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits)),
  ...['EdDSA', 'Ed25519'],
];

/** Failures to get the keys, which say nothing about the token. */
const keySetFailures = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

/** How bearer tokens are checked. */
export interface BearerOptions {
  /** The keys that tokens are signed with: `keySetFromFile`, `keySetFromUrl`, or jose's own. */
  readonly keys: JWTVerifyGetKey;
  /** Who has to have made the token. Default: anybody with such a key. */
  readonly issuer?: string | undefined;
  /** Whom the token has to be for. Default: anybody; then a token made for another service is taken, too. */
  readonly audience?: string | undefined;
  /** How far clocks may disagree, in seconds. Default: 0. */
  readonly clockToleranceSeconds?: number | undefined;
  /** What a token says about its bearer; undefined: it names nobody, and is refused. */
  readonly claims?: ((payload: JWTPayload) => AuthClaims | undefined) | undefined;
}

/**
 * Takes signed JSON Web Tokens from `authorization: Bearer`. Their claims become the auth context, `exp` its end
 * (GW-21, GW-22). Everything else in `authorization` is refused (GW-23).
 */
export function bearerAuthenticator(options: BearerOptions): Authenticator {
  return {
    challenge: 'Bearer',
    authenticate: async ({ headers }: AuthenticationRequest) => {
      const values = headerValues(headers, 'authorization');
      if (values.length === 0) return { kind: 'anonymous' };
      const token = values.length === 1 ? /^Bearer +(\S+)$/i.exec(values[0] ?? '')?.[1] : undefined;
      return token === undefined
        ? refused('A bearer token is expected')
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
    if (claims === undefined) return refused('The token names nobody');
    return { kind: 'authenticated', authContext: encodeAuthContext(claims, endOf(payload)) };
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || keySetFailures.has(error.code)) throw error;
    return refused(
      error instanceof errors.JWTExpired ? 'The token has expired' : 'The token is not accepted here',
    );
  }
}

function endOf({ exp }: JWTPayload): number | undefined {
  return exp === undefined ? undefined : exp * 1000;
}

function refused(message: string): Authentication {
  return { kind: 'refused', message, challenge: 'Bearer error="invalid_token"' };
}

/**
 * What a token says about its bearer, where nobody says how to read it: `email` or else `sub` is the name, the other
 * claims of the contract go by their own names, `scope` stands for `scoped_permissions` where that is absent. What is
 * absent, or of another type, grants nothing.
 * @returns undefined where the token names nobody
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
