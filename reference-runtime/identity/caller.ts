import type { McpAuthContext } from '../../proto/index.ts';
import { refused } from '../failures/request-refused.ts';
import { type AuthClaims, decodeClaims, noClaims, UnreadableClaims } from './claims.ts';

/** Who makes a call: somebody with a name, or nobody in particular. */
export type Caller =
  | { readonly kind: 'known'; readonly email: string; readonly claims: AuthClaims }
  | { readonly kind: 'anonymous'; readonly claims: AuthClaims };

/** The auth context of a call as it arrived; an end of 0 is not known. */
export type AuthContext = Pick<McpAuthContext, 'encoded' | 'expiresAtEpochMs'>;

/** How to treat callers without identity (AUTH-6). */
export type AnonymousPolicy = 'isolate' | 'refuse';

/** A caller without identity. */
export const anonymousCaller: Caller = { kind: 'anonymous', claims: noClaims };

/** Whether an auth context has ended (AUTH-5). `now` in milliseconds since 1970. */
export function isExpired(context: AuthContext, now: number): boolean {
  return context.expiresAtEpochMs !== 0n && context.expiresAtEpochMs < BigInt(now);
}

/**
 * The caller whom claims describe. `is_authenticated` false is a caller without identity, whatever else is claimed
 * (AUTH-7), and so is one without a name: an absent member grants nothing.
 */
function callerOf(claims: AuthClaims): Caller {
  if (!claims.isAuthenticated || claims.email === null || claims.email === '') return anonymousCaller;
  return { kind: 'known', email: claims.email, claims };
}

/** How an auth context becomes a caller. */
export const identityHooks = { decodeClaims, isExpired, callerOf };
/** The replaceable steps of `identify`. */
export type IdentityHooks = typeof identityHooks;

/**
 * Establishes who calls.
 * @throws RequestRefused 401 for an auth context that has ended (AUTH-5) or cannot be read (AUTH-4).
 */
export function identify(context: AuthContext | undefined, hooks: IdentityHooks): Caller {
  if (context === undefined) return anonymousCaller;
  if (hooks.isExpired(context, Date.now())) {
    throw refused('UNAUTHENTICATED', 'auth_context_expired', 'auth_context: has expired');
  }
  try {
    return hooks.callerOf(hooks.decodeClaims(context.encoded));
  } catch (error) {
    if (!(error instanceof UnreadableClaims)) throw error;
    throw refused('UNAUTHENTICATED', 'auth_context_unreadable', `auth_context: ${error.message}`);
  }
}
