import type { JWTPayload } from 'jose';
import type { AuthClaims } from '../../client/index.ts';

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
