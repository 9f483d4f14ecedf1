import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { headerValues } from '../../client/header-policy.ts';
import { type AuthClaims, encodeAuthContext } from '../../client/index.ts';
import type { Authentication, AuthenticationRequest, Authenticator } from './authenticator.ts';
import { claimsOf, type OwnerClaim } from './claims.ts';

/** The accepted signature algorithms, all with public keys. */
const signatures = [
  ...['RS', 'PS', 'ES'].flatMap((family) => ['256', '384', '512'].map((bits) => family + bits)),
  ...['EdDSA', 'Ed25519'],
];

/** Error codes for a failure to get the keys. They do not mean that the token is invalid. */
const keySetFailures = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

/**
 * The accepted values of the header `typ`, without `application/` and in lower case. Other kinds of JWT are not for
 * access.
 */
const accessTokenTypes = new Set(['jwt', 'at+jwt']);

/** How far in the future `iat` may be, in seconds, because clocks differ. */
const issuedAheadSeconds = 60;

/** Options for the check of bearer tokens. */
export interface BearerOptions {
  /** The public keys that verify tokens, from `keySetFromFile`, `keySetFromUrl` or jose. */
  readonly keys: JWTVerifyGetKey;
  /** The required issuer. Another issuer could give the same subject to another person. */
  readonly issuer: string;
  /** The required audience, so that tokens for other services are not accepted. */
  readonly audience: string;
  /** The tolerated clock skew in seconds. Default: 0. */
  readonly clockToleranceSeconds?: number | undefined;
  /** Whether tokens without `exp` are accepted. Such a token never expires. Default: false. */
  readonly allowMissingExpiry?: boolean | undefined;
  /** The claim that identifies a caller. Default: `subject`, together with the issuer. */
  readonly owner?: OwnerClaim | undefined;
  /** Maps a token to claims, in place of `owner`. If it returns undefined, the token is refused. */
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
    const { payload, protectedHeader } = await jwtVerify(token, options.keys, {
      algorithms: signatures,
      clockTolerance: options.clockToleranceSeconds ?? 0,
      issuer: options.issuer,
      audience: options.audience,
      requiredClaims: options.allowMissingExpiry === true ? [] : ['exp'],
    });
    const mistake = typeMistake(protectedHeader.typ) ?? timeMistake(payload, options);
    if (mistake !== undefined) return refused(mistake);
    const claims = options.claims ? options.claims(payload) : claimsOf(payload, options.owner);
    if (claims === undefined) return refused('The token does not identify its bearer');
    return { kind: 'authenticated', authContext: encodeAuthContext(claims, expiryOf(payload)) };
  } catch (error) {
    if (!(error instanceof errors.JOSEError) || keySetFailures.has(error.code)) throw error;
    return refused(error instanceof errors.JWTExpired ? 'The token has expired' : 'The token is invalid');
  }
}

/** Returns why the header `typ` of a token is not that of an access token (RFC 9068, RFC 8725 section 3.11). */
function typeMistake(typ: string | undefined): string | undefined {
  const type = typ?.toLowerCase().replace(/^application\//, '');
  return type === undefined || accessTokenTypes.has(type) ? undefined : 'The token is not an access token';
}

/** Returns why the times of a token cannot be used. */
function timeMistake(payload: JWTPayload, { clockToleranceSeconds = 0 }: BearerOptions): string | undefined {
  const expiry = expiryOf(payload);
  if (expiry !== undefined && !Number.isSafeInteger(Math.floor(expiry))) {
    return 'The expiry of the token is not a time';
  }
  const latest = Date.now() / 1000 + Math.max(issuedAheadSeconds, clockToleranceSeconds);
  return (payload.iat ?? 0) > latest ? 'The token was issued in the future' : undefined;
}

function expiryOf({ exp }: JWTPayload): number | undefined {
  return exp === undefined ? undefined : exp * 1000;
}

function refused(message: string): Authentication {
  return { kind: 'refused', message, challenge: 'Bearer error="invalid_token"' };
}
