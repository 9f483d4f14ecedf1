import type { McpAuthContext } from '../../proto/index.ts';
import { refused } from '../failures/request-refused.ts';
import { type AuthClaims, decodeClaims, noClaims, UnreadableClaims } from './claims.ts';

/** The caller, identified by email or anonymous. */
export type Caller =
  | { readonly kind: 'known'; readonly email: string; readonly claims: AuthClaims }
  | { readonly kind: 'anonymous'; readonly claims: AuthClaims };

/** The auth context of a call. An expiry of 0 means that the context does not expire. */
export type AuthContext = Pick<McpAuthContext, 'encoded' | 'expiresAtEpochMs'>;

/** How the runtime treats anonymous callers (AUTH-6). */
export type AnonymousPolicy = 'isolate' | 'refuse';

/** An anonymous caller. */
export const anonymousCaller: Caller = { kind: 'anonymous', claims: noClaims };

/** Returns whether an auth context has expired (AUTH-5). @param now milliseconds since the epoch */
export function isExpired(context: AuthContext, now: number): boolean {
  return context.expiresAtEpochMs !== 0n && context.expiresAtEpochMs < BigInt(now);
}

/**
 * Returns the caller described by claims. If `is_authenticated` is false or the email is missing, the caller is
 * anonymous (AUTH-7), regardless of the other claims.
 */
function callerOf(claims: AuthClaims): Caller {
  if (!claims.isAuthenticated || claims.email === null || claims.email === '') return anonymousCaller;
  return { kind: 'known', email: claims.email, claims };
}

/** The hooks of `identify`. */
export const identityHooks = { decodeClaims, isExpired, callerOf };
export type IdentityHooks = typeof identityHooks;

/**
 * Determines the caller from the auth context.
 * @throws RequestRefused 401 for an expired (AUTH-5) or invalid (AUTH-4) auth context
 */
export function identify(context: AuthContext | undefined, hooks: IdentityHooks): Caller {
  if (context === undefined) return anonymousCaller;
  if (hooks.isExpired(context, Date.now())) {
    throw refused('UNAUTHENTICATED', 'auth_context_expired', 'auth_context: expired');
  }
  try {
    return hooks.callerOf(hooks.decodeClaims(context.encoded));
  } catch (error) {
    if (!(error instanceof UnreadableClaims)) throw error;
    throw refused('UNAUTHENTICATED', 'auth_context_unreadable', `auth_context: ${error.message}`);
  }
}
