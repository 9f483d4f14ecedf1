import { isObject } from '../../base/is-object.ts';

/** The gateway's claims about a caller (AUTH-1). A missing claim grants nothing. */
export interface AuthClaims {
  readonly email: string | null;
  /** For an administrator, `null` means unrestricted. `[]` means public access only (AUTH-8). */
  readonly teams: readonly string[] | null;
  readonly isAuthenticated: boolean;
  readonly isAdmin: boolean;
  readonly permissionIsAdmin: boolean;
  readonly tokenUse: string | null;
  readonly scopedPermissions: readonly string[];
  readonly scopedServerId: string | null;
}

/** The claims of an auth context are invalid (AUTH-4). The message may contain the name of a claim, never a value. */
export class UnreadableClaims extends Error {
  override readonly name = 'UnreadableClaims';
  readonly code = 'unreadable_claims';
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeBase64Url(encoded: string): string {
  const unpadded = encoded.replace(/={1,2}$/, '');
  if (unpadded === '' || !/^[A-Za-z0-9_-]+$/.test(unpadded) || unpadded.length % 4 === 1) {
    throw new UnreadableClaims('not base64url');
  }
  try {
    return decoder.decode(Buffer.from(unpadded, 'base64url'));
  } catch {
    throw new UnreadableClaims('not UTF-8');
  }
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableClaims('not JSON');
  }
  if (!isObject(value)) throw new UnreadableClaims('not a JSON object');
  return value;
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isStringArray = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);
const orNull =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is T | null =>
    value === null || is(value);

function readClaims(members: Record<string, unknown>): AuthClaims {
  const claim = <T>(name: string, is: (value: unknown) => value is T, absent: T): T => {
    if (!Object.hasOwn(members, name)) return absent;
    const value = members[name];
    if (!is(value)) throw new UnreadableClaims(`the claim ${name} has the wrong type`);
    return value;
  };
  return {
    email: claim('email', orNull(isString), null),
    teams: claim('teams', orNull(isStringArray), []),
    isAuthenticated: claim('is_authenticated', isBoolean, false),
    isAdmin: claim('is_admin', isBoolean, false),
    permissionIsAdmin: claim('permission_is_admin', isBoolean, false),
    tokenUse: claim('token_use', orNull(isString), null),
    scopedPermissions: claim('scoped_permissions', isStringArray, []),
    scopedServerId: claim('scoped_server_id', orNull(isString), null),
  };
}

/** The claims of an anonymous caller. */
export const noClaims: AuthClaims = readClaims({});

/**
 * Decodes `auth_context.encoded`, a JSON object in base64url. Ignores unknown members.
 * @throws UnreadableClaims for any other content, or for a member of the wrong type (AUTH-4)
 */
export function decodeClaims(encoded: string): AuthClaims {
  return readClaims(parseObject(decodeBase64Url(encoded)));
}
