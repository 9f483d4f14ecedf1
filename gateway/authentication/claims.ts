import type { JWTPayload } from 'jose';
import type { AuthClaims } from '../../client/index.ts';

/** The claims of a token that identify its bearer: issuer and subject, or a verified email address. */
export type OwnerClaim = 'subject' | 'email';

/**
 * The default mapping of a token to claims. The owner goes into `email`, which identifies callers in the contract
 * (AUTH-2). Other claims have the names of the contract. `scope` replaces a missing `scoped_permissions`. A claim that
 * is missing or of the wrong type grants nothing.
 * @returns undefined if the token does not identify its bearer
 */
export function claimsOf(payload: JWTPayload, owner: OwnerClaim = 'subject'): AuthClaims | undefined {
  const email = owner === 'subject' ? subjectOf(payload) : verifiedEmailOf(payload);
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

/**
 * Returns issuer and subject as one text. The encoded subject contains no `#`, so that different pairs have different
 * texts (GW-56).
 */
function subjectOf({ iss, sub }: JWTPayload): string | undefined {
  const subject = text(sub);
  const issuer = text(iss);
  // A lone surrogate has no encoding.
  if (subject === undefined || issuer === undefined || /\p{Surrogate}/u.test(subject)) return undefined;
  return `${issuer}#${encodeURIComponent(subject)}`;
}

/**
 * Returns the email address. An issuer may let its users choose an address, so an unverified one does not identify a
 * caller.
 */
function verifiedEmailOf(payload: JWTPayload): string | undefined {
  return payload['email_verified'] === true ? text(payload['email']) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((member) => typeof member === 'string') ? value : undefined;
}
