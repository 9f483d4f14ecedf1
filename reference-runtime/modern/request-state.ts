import { createHash } from 'node:crypto';
import type { ServerContext } from '@modelcontextprotocol/server';
import { isObject } from '../../base/is-object.ts';
import type { CallScope } from '../catalog/catalog.ts';
import type { Sdk } from '../mcp/sdk.ts';

/** The members of params that differ between the rounds of one request. */
const roundMembers: ReadonlySet<string> = new Set(['_meta', 'inputResponses', 'requestState']);

/**
 * Returns the text that state is bound to: the caller, the virtual server, the method and the params. State of one
 * request is invalid in any other request and for any other caller.
 */
export function bindingOf({ owner, serverId }: CallScope, method: string, params: unknown): string {
  const lasting = isObject(params) ? Object.entries(params).filter(([name]) => !roundMembers.has(name)) : [];
  const text = JSON.stringify([
    owner,
    serverId,
    method,
    lasting.map(([name, value]) => [name, sorted(value)]).sort(),
  ]);
  return createHash('sha256').update(text).digest('base64url');
}

/** Returns a value whose objects have sorted members, because the order of members has no meaning. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .map(([name, member]) => [name, sorted(member)])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));
}

/** Seals and opens the state of one request. */
export interface RequestState {
  /** Returns state for the caller, which ends after its lifetime. @param ttlMs a lifetime other than the default */
  seal(payload: unknown, ttlMs?: number): Promise<string>;
  /** Returns the payload. @throws Error for state that is altered, expired or of another request */
  open(state: string): Promise<unknown>;
}

/** Creates the state of one request. @param ttlMs the lifetime of state in milliseconds */
export function requestState(sdk: Sdk, key: Uint8Array, ttlMs: number, binding: string): RequestState {
  // The codec passes the context only to `bind`, and the binding does not depend on it.
  const context = {} as ServerContext;
  const codecFor = (lifetimeMs: number) =>
    sdk.createRequestStateCodec({ key, ttlSeconds: lifetimeMs / 1000, bind: () => binding });
  return {
    seal: (payload, lifetimeMs = ttlMs) => codecFor(lifetimeMs).mint(payload, context),
    open: async (state) => {
      if (!isCanonical(state)) throw new Error('The state was altered');
      return codecFor(ttlMs).verify(state, context);
    },
  };
}

/** Returns whether every segment is canonical base64url. Otherwise, changed unused bits would go unnoticed. */
function isCanonical(state: string): boolean {
  const [, ...segments] = state.split('.');
  return segments.every((segment) => Buffer.from(segment, 'base64url').toString('base64url') === segment);
}
