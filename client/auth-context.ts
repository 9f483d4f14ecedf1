import type { AuthContext } from './messages.ts';

/** The gateway's claims about a caller. A missing claim grants nothing (AUTH-1). */
export interface AuthClaims {
  /** If false, the caller has no identity, regardless of the other claims (AUTH-7). */
  readonly isAuthenticated: boolean;
  /** The owner of the sessions that the caller creates (AUTH-2). */
  readonly email?: string | undefined;
  /** `null` with `isAdmin` is unrestricted. `[]` is public access only (AUTH-8). */
  readonly teams?: readonly string[] | null | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly permissionIsAdmin?: boolean | undefined;
  /** The kind of the caller's token, such as "session" or "api". */
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
  // 0 means unknown on the wire, so an expiry at or before the epoch becomes 1, which is also in the past.
  return BigInt(Math.max(1, milliseconds));
}

/**
 * Encodes a caller's claims for `RuntimeRequest.authContext` (AUTH-1).
 * @param claims the claims. Undefined ones are omitted and grant nothing
 * @param expiresAt the expiry as a Date or in milliseconds since the epoch. Undefined if unknown
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
