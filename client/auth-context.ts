import type { AuthContext } from './messages.ts';

/** What the gateway established about a caller. Absent claims grant nothing (AUTH-1). */
export interface AuthClaims {
  /** False is a caller without identity, whatever the other claims say (AUTH-7). */
  readonly isAuthenticated: boolean;
  /** The owner of the sessions that the caller creates (AUTH-2). */
  readonly email?: string | undefined;
  /** `null` with `isAdmin` is unrestricted, `[]` is public only (AUTH-8). */
  readonly teams?: readonly string[] | null | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly permissionIsAdmin?: boolean | undefined;
  /** What kind of token the caller showed, such as "session" or "api". */
  readonly tokenUse?: string | undefined;
  readonly scopedPermissions?: readonly string[] | undefined;
  readonly scopedServerId?: string | null | undefined;
}

function expiryOf(expiresAt: Date | number | undefined): bigint {
  if (expiresAt === undefined) return 0n;
  const milliseconds = Math.floor(Number(expiresAt));
  if (!Number.isSafeInteger(milliseconds)) {
    throw new RangeError('expiresAt must be a valid Date or a number of milliseconds since the epoch');
  }
  // On the wire 0 says "not known": a moment at or before the epoch has to stay one that is past.
  return BigInt(Math.max(1, milliseconds));
}

/**
 * Encodes a caller's claims for `RuntimeRequest.authContext` (AUTH-1).
 * @param claims what is known about the caller; what is undefined is left out, so that it grants nothing
 * @param expiresAt when the claims end, as a Date or in milliseconds since the epoch; leave it out if unknown
 * @throws RangeError for an invalid date
 */
export function encodeAuthContext(claims: AuthClaims, expiresAt?: Date | number): AuthContext {
  const json = JSON.stringify({
    email: claims.email,
    teams: claims.teams,
    is_authenticated: claims.isAuthenticated,
    is_admin: claims.isAdmin,
    permission_is_admin: claims.permissionIsAdmin,
    token_use: claims.tokenUse,
    scoped_permissions: claims.scopedPermissions,
    scoped_server_id: claims.scopedServerId,
  });
  return { encoded: Buffer.from(json, 'utf8').toString('base64url'), expiresAtEpochMs: expiryOf(expiresAt) };
}
