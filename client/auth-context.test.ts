import { describe, expect, it } from 'vitest';
import { encodeAuthContext } from './auth-context.ts';

function decoded(encoded: string): unknown {
  return JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
}

describe('encodeAuthContext', () => {
  it('encodes every claim under its wire name, without padding', () => {
    const { encoded } = encodeAuthContext({
      isAuthenticated: true,
      email: 'j\u00fcrgen@example.com',
      teams: ['a', 'b'],
      isAdmin: true,
      permissionIsAdmin: false,
      tokenUse: 'session',
      scopedPermissions: ['tools.read'],
      scopedServerId: null,
    });
    expect(encoded).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decoded(encoded)).toEqual({
      email: 'j\u00fcrgen@example.com',
      teams: ['a', 'b'],
      is_authenticated: true,
      is_admin: true,
      permission_is_admin: false,
      token_use: 'session',
      scoped_permissions: ['tools.read'],
      scoped_server_id: null,
    });
  });

  it('distinguishes null, empty and missing teams', () => {
    const teamsOf = (teams: string[] | null | undefined) =>
      decoded(encodeAuthContext({ isAuthenticated: true, teams }).encoded);
    expect(teamsOf(null)).toEqual({ is_authenticated: true, teams: null });
    expect(teamsOf([])).toEqual({ is_authenticated: true, teams: [] });
    expect(teamsOf(undefined)).toEqual({ is_authenticated: true });
  });

  it('encodes the expiry in milliseconds, and 0 only for an unknown one', () => {
    const endOf = (expiresAt?: Date | number) =>
      encodeAuthContext({ isAuthenticated: true }, expiresAt).expiresAtEpochMs;
    expect(endOf()).toBe(0n);
    expect(endOf(new Date(1_700_000_000_123))).toBe(1_700_000_000_123n);
    expect(endOf(1_700_000_000_123.9)).toBe(1_700_000_000_123n);
    expect(endOf(0)).toBe(1n);
    expect(endOf(-5)).toBe(1n);
    expect(() => endOf(new Date('nonsense'))).toThrow(RangeError);
    expect(() => endOf(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});
