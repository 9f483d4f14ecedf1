import { setTimeout as delay } from 'node:timers/promises';
import { whoAmI } from '../../../reference-runtime/catalog/contract-tools.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { anonymousCaller, type Caller, isExpired } from '../../../reference-runtime/identity/caller.ts';
import { type AuthClaims, noClaims, UnreadableClaims } from '../../../reference-runtime/identity/claims.ts';
import type { SessionStore } from '../../../reference-runtime/session/session-store.ts';
import { type Hooks, type RuntimeEntry, runtimeFaults } from '../../harness/fault.ts';
import { onResponse, onScope, ownerUncheckedWhen, refuse, toolWith } from '../changes/runtime.ts';

const members = (encoded: string): unknown => {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString());
  } catch {
    return undefined;
  }
};

/** Changes the claims before the runtime decodes them. */
function reEncoded(change: (claims: Record<string, unknown>) => unknown): Hooks {
  return {
    decodeClaims(encoded) {
      const claims = members(encoded);
      if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
        return defaultHooks.decodeClaims(encoded);
      }
      const changed = JSON.stringify(change({ ...claims }));
      return defaultHooks.decodeClaims(Buffer.from(changed).toString('base64url'));
    },
  };
}

function unreadableAs(claims: AuthClaims, when: (encoded: string) => boolean = () => true): Hooks {
  return {
    decodeClaims(encoded) {
      try {
        return defaultHooks.decodeClaims(encoded);
      } catch (error) {
        if (when(encoded)) return claims;
        throw error;
      }
    },
  };
}

/** Changes the decoded claims. */
function claims(change: (claims: AuthClaims, encoded: string) => Partial<AuthClaims>): Hooks {
  return {
    decodeClaims(encoded) {
      const read = defaultHooks.decodeClaims(encoded);
      return { ...read, ...change(read, encoded) };
    },
  };
}

const creators = new Map<string, Caller>();
const whoami = { text: '' };
const emailOf = (caller: Caller) => (caller.kind === 'known' ? caller.email : '');
let refusedOwner = '';

/** Ends a session when it refuses a caller other than the owner. */
function endedByOthers(): Hooks {
  let sessions: SessionStore | undefined;
  return {
    findSession(store, id) {
      sessions = store;
      return defaultHooks.findSession(store, id);
    },
    checkOwner(session, caller, call) {
      if (defaultHooks.ownerOf(caller) !== session.owner) void sessions?.end(session);
      defaultHooks.checkOwner(session, caller, call);
    },
  };
}

/** Faults in identity. */
export const authFaults = runtimeFaults([
  {
    name: 'only-plain-base64',
    clause: 'AUTH-1',
    about: 'The runtime rejects the base64url characters - and _',
    hooks: {
      decodeClaims(encoded) {
        if (/[-_]/.test(encoded)) throw new UnreadableClaims('not base64');
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'unknown-claims-refused',
    clause: 'AUTH-1',
    about: 'The runtime refuses an auth context with unknown claims',
    hooks: {
      decodeClaims(encoded) {
        const known =
          /^(email|teams|is_authenticated|is_admin|permission_is_admin|token_use|scoped_permissions|scoped_server_id)$/;
        if (Object.keys(members(encoded) ?? {}).some((name) => !known.test(name))) {
          throw new UnreadableClaims('unknown claim');
        }
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'null-email-refused',
    clause: 'AUTH-1',
    about: 'The runtime refuses an auth context whose email is null',
    hooks: {
      decodeClaims(encoded) {
        const { email } = Object(members(encoded));
        if (email === null) throw new UnreadableClaims('the claim email has the wrong type');
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'null-token-use-refused',
    clause: 'AUTH-1',
    about: 'The runtime refuses an auth context whose token_use is null',
    hooks: {
      decodeClaims(encoded) {
        if (Object(members(encoded)).token_use === null)
          throw new UnreadableClaims('the claim token_use is null');
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'missing-claims-refused',
    clause: 'AUTH-1',
    about: 'The runtime refuses an auth context without token_use',
    hooks: {
      decodeClaims(encoded) {
        const read = members(encoded);
        if (typeof read === 'object' && read !== null && !('token_use' in read)) {
          throw new UnreadableClaims('a claim is missing');
        }
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'missing-claims-grant-administration',
    clause: 'AUTH-1',
    about: 'The runtime grants admin rights if the is_admin claim is missing',
    hooks: claims((_read, encoded) =>
      /"is_admin"/.test(JSON.stringify(members(encoded))) ? {} : { isAdmin: true },
    ),
  },
  {
    name: 'missing-permissions-are-all',
    clause: 'AUTH-1',
    about: 'The runtime grants all permissions if the scoped_permissions claim is missing',
    hooks: claims((_read, encoded) =>
      JSON.stringify(members(encoded)).includes('"scoped_permissions"') ? {} : { scopedPermissions: ['*'] },
    ),
  },
  {
    name: 'token-use-not-read',
    clause: 'AUTH-1',
    about: 'The runtime ignores the token_use claim',
    hooks: claims(() => ({ tokenUse: null })),
  },
  {
    name: 'permissions-not-read',
    clause: 'AUTH-1',
    about: 'The runtime ignores the scoped_permissions claim',
    hooks: claims(() => ({ scopedPermissions: [] })),
  },
  {
    name: 'scoped-server-not-read',
    clause: 'AUTH-1',
    about: 'The runtime ignores the scoped_server_id claim',
    hooks: claims(() => ({ scopedServerId: null })),
  },
  {
    name: 'administrators-confused',
    clause: 'AUTH-1',
    about: 'The runtime treats permission_is_admin as is_admin',
    hooks: claims((read) => ({ isAdmin: read.isAdmin || read.permissionIsAdmin })),
  },
  {
    name: 'owner-not-checked',
    clause: 'AUTH-2',
    about: 'The runtime lets every authenticated caller use every session',
    hooks: ownerUncheckedWhen((_call, _session, { kind }) => kind === 'known'),
  },
  {
    name: 'owner-not-checked-at-close',
    clause: 'AUTH-2',
    about: 'The runtime lets other callers close a session',
    hooks: ownerUncheckedWhen(({ rpc }, _session, { kind }) => rpc === 'CloseSession' && kind === 'known'),
  },
  {
    name: 'owner-not-checked-for-streams',
    clause: 'AUTH-2',
    about: 'The runtime lets other callers open a stream in a session',
    alsoBreaks: [
      {
        clause: 'STREAM-9',
        reason: 'STREAM-9 also requires the runtime to refuse a stream to callers other than the owner.',
      },
    ],
    hooks: ownerUncheckedWhen(({ rpc }, _session, { kind }) => rpc === 'InvokeStream' && kind === 'known'),
  },
  {
    name: 'owner-not-checked-for-notifications',
    clause: 'AUTH-2',
    about: 'The runtime accepts notifications from other callers in a session',
    hooks: ownerUncheckedWhen(
      ({ body }, _session, { kind }) => kind === 'known' && !Buffer.from(body).includes('"id"'),
    ),
  },
  {
    name: 'administrators-own-everything',
    clause: 'AUTH-2',
    about: 'The runtime lets an administrator use every session',
    hooks: ownerUncheckedWhen((_call, _session, caller) => caller.claims.isAdmin),
  },
  {
    name: 'owner-by-the-beginning',
    clause: 'AUTH-2',
    about: "The runtime treats a caller whose email is a prefix of the owner's email as the owner",
    hooks: ownerUncheckedWhen(
      (_call, { owner }, caller) =>
        caller.kind === 'known' && owner !== null && owner.startsWith(caller.email),
    ),
  },
  {
    name: 'owner-without-accents',
    clause: 'AUTH-2',
    about: 'The runtime ignores accents when it compares owners',
    hooks: ownerUncheckedWhen(
      (_call, { owner }, caller) =>
        emailOf(caller).normalize('NFD').replace(/\p{M}/gu, '') ===
        owner?.normalize('NFD').replace(/\p{M}/gu, ''),
    ),
  },
  {
    name: 'owner-includes-the-token',
    clause: 'AUTH-2',
    about: 'The runtime denies access to an owner whose token_use has changed',
    hooks: {
      callerOf(read) {
        const caller = defaultHooks.callerOf(read);
        return caller.kind === 'known' ? { ...caller, email: `${caller.email} ${read.tokenUse}` } : caller;
      },
    },
  },
  {
    name: 'another-owner-is-404',
    clause: 'AUTH-2',
    about: 'The runtime answers 404 to a call by a caller other than the owner',
    hooks: {
      checkOwner(session, caller, call) {
        try {
          defaultHooks.checkOwner(session, caller, call);
        } catch (error) {
          if (caller.kind === 'known') refuse('NOT_FOUND');
          throw error;
        }
      },
    },
  },
  {
    name: 'another-owner-ends-the-session',
    clause: 'AUTH-2',
    about: 'The runtime closes the session when it refuses a call by a caller other than the owner',
    hooks: endedByOthers(),
  },
  {
    name: 'nobody-owns-everything',
    clause: 'AUTH-3',
    about: 'The runtime lets an anonymous caller use every session',
    hooks: ownerUncheckedWhen((_call, _session, { kind }) => kind === 'anonymous'),
  },
  {
    name: 'nobody-may-close',
    clause: 'AUTH-3',
    about: 'The runtime lets an anonymous caller close every session',
    hooks: ownerUncheckedWhen(
      ({ rpc }, _session, { kind }) => rpc === 'CloseSession' && kind === 'anonymous',
    ),
  },
  {
    name: 'nobody-may-read',
    clause: 'AUTH-3',
    about: 'The runtime lets an anonymous caller open a stream in every session',
    alsoBreaks: [
      {
        clause: 'STREAM-9',
        reason: 'STREAM-9 also requires the runtime to refuse a stream to callers without identity.',
      },
    ],
    hooks: ownerUncheckedWhen(
      ({ rpc }, _session, { kind }) => rpc === 'InvokeStream' && kind === 'anonymous',
    ),
  },
  {
    name: 'bearer-token-is-identity',
    clause: 'AUTH-3',
    about: 'The runtime derives an identity from the bearer token if there is no auth context',
    hooks: ownerUncheckedWhen(
      ({ headers, authContext }) => authContext === undefined && headers.has('authorization'),
    ),
  },
  {
    name: 'unreadable-is-nobody',
    clause: 'AUTH-4',
    about: 'The runtime treats an unreadable auth context as anonymous',
    hooks: unreadableAs(noClaims),
  },
  {
    name: 'empty-is-nobody',
    clause: 'AUTH-4',
    about: 'The runtime treats an empty auth context as anonymous',
    hooks: unreadableAs(noClaims, (encoded) => encoded === ''),
  },
  {
    name: 'base64-loosely-read',
    clause: 'AUTH-4',
    about: 'The runtime skips characters outside the base64url alphabet',
    hooks: {
      decodeClaims: (encoded) =>
        defaultHooks.decodeClaims(
          encoded
            .replaceAll('+', '-')
            .replaceAll('/', '_')
            .replace(/[^\w-]/g, ''),
        ),
    },
  },
  {
    name: 'wrong-types-ignored',
    clause: 'AUTH-4',
    about: 'The runtime treats a claim of the wrong type as missing',
    hooks: reEncoded((read) =>
      Object.fromEntries(
        Object.entries(read).filter(([name, value]) =>
          name.startsWith('is_') || name === 'permission_is_admin' ? typeof value === 'boolean' : true,
        ),
      ),
    ),
  },
  {
    name: 'null-claims-are-missing',
    clause: 'AUTH-4',
    about: 'The runtime treats null as missing in every claim except teams',
    hooks: reEncoded((read) =>
      Object.fromEntries(Object.entries(read).filter(([name, value]) => name === 'teams' || value !== null)),
    ),
  },
  {
    name: 'teams-not-checked',
    clause: 'AUTH-4',
    about: 'The runtime drops teams of the wrong type',
    hooks: reEncoded(({ teams, ...rest }) => ({
      ...rest,
      teams: Array.isArray(teams) ? teams.filter((team) => typeof team === 'string') : [],
    })),
  },
  {
    name: 'unreadable-is-403',
    clause: 'AUTH-4',
    about: 'The runtime answers an unreadable auth context with 403',
    hooks: {
      decodeClaims(encoded) {
        try {
          return defaultHooks.decodeClaims(encoded);
        } catch {
          return refuse('PERMISSION_DENIED');
        }
      },
    },
  },
  {
    name: 'unreadable-is-internal',
    clause: 'AUTH-4',
    about: 'The runtime reports an unreadable auth context as INTERNAL',
    hooks: {
      decodeClaims(encoded) {
        try {
          return defaultHooks.decodeClaims(encoded);
        } catch {
          throw new Error('cannot read');
        }
      },
    },
  },
  {
    name: 'expiry-ignored',
    clause: 'AUTH-5',
    about: 'The runtime ignores the expiry of an auth context',
    hooks: { isExpired: () => false },
  },
  {
    name: 'expiry-in-seconds',
    clause: 'AUTH-5',
    about: 'The runtime reads the expiry of an auth context in seconds',
    hooks: {
      isExpired: ({ encoded, expiresAtEpochMs }, now) =>
        isExpired({ encoded, expiresAtEpochMs: expiresAtEpochMs * 1000n }, now),
    },
  },
  {
    name: 'expiry-signed',
    clause: 'AUTH-5',
    about: 'The runtime reads the expiry of an auth context as a signed number',
    hooks: {
      isExpired: ({ encoded, expiresAtEpochMs }, now) =>
        isExpired({ encoded, expiresAtEpochMs: BigInt.asIntN(64, expiresAtEpochMs) }, now),
    },
  },
  {
    name: 'expiry-with-leeway',
    clause: 'AUTH-5',
    about: 'The runtime accepts an auth context for 30 seconds after its expiry',
    hooks: { isExpired: (context, now) => isExpired(context, now - 30_000) },
  },
  {
    name: 'expiry-zero-is-the-past',
    clause: 'AUTH-5',
    about: 'The runtime treats an auth context without expiry as expired',
    hooks: { isExpired: ({ expiresAtEpochMs }, now) => expiresAtEpochMs < BigInt(now) },
  },
  {
    name: 'expired-is-403',
    clause: 'AUTH-5',
    about: 'The runtime answers an expired auth context with 403',
    hooks: { isExpired: (context, now) => isExpired(context, now) && refuse('PERMISSION_DENIED') },
  },
  {
    name: 'ownerless-sessions-for-all',
    clause: 'AUTH-6',
    about: 'The runtime lets every caller use an anonymous session',
    hooks: ownerUncheckedWhen((_call, { owner }) => owner === null),
  },
  {
    name: 'nobody-is-an-error',
    clause: 'AUTH-6',
    about: 'The runtime answers an anonymous initialize with 400',
    hooks: {
      isHandshake(call, message) {
        const is = defaultHooks.isHandshake(call, message);
        return is && call.authContext === undefined ? refuse('INVALID_ARGUMENT') : is;
      },
    },
  },
  {
    name: 'is-authenticated-ignored',
    clause: 'AUTH-7',
    about: 'The runtime ignores the is_authenticated claim',
    hooks: {
      callerOf: (read) =>
        read.email === null ? anonymousCaller : { kind: 'known', email: read.email, claims: read },
    },
  },
  {
    name: 'administrators-need-no-authentication',
    clause: 'AUTH-7',
    about: 'The runtime treats an unauthenticated administrator as authenticated',
    hooks: {
      callerOf: (read) =>
        defaultHooks.callerOf({ ...read, isAuthenticated: read.isAuthenticated || read.isAdmin }),
    },
  },
  {
    name: 'no-teams-are-all-teams',
    clause: 'AUTH-8',
    about: 'The runtime reads an empty teams array as null',
    hooks: claims(({ teams }) => ({ teams: teams?.length === 0 ? null : teams })),
  },
  {
    name: 'all-teams-are-no-teams',
    clause: 'AUTH-8',
    about: 'The runtime reads null teams as an empty array',
    hooks: claims(({ teams }) => ({ teams: teams ?? [] })),
  },
  {
    name: 'claims-of-the-creator',
    clause: 'AUTH-9',
    about: "The runtime applies the claims of the session's creator to every call",
    hooks: {
      scopeOfCall(sessionId, caller, serverId) {
        if (!creators.has(sessionId)) creators.set(sessionId, caller);
        return defaultHooks.scopeOfCall(sessionId, creators.get(sessionId) ?? caller, serverId);
      },
    },
  },
  {
    name: 'claims-add-up',
    clause: 'AUTH-9',
    about: "The runtime grants the creator's admin rights to every call of the session",
    hooks: {
      scopeOfCall(sessionId, caller, serverId) {
        const before = creators.get(sessionId) ?? caller;
        creators.set(sessionId, before);
        const isAdmin = caller.claims.isAdmin || before.claims.isAdmin;
        return defaultHooks.scopeOfCall(
          sessionId,
          { ...caller, claims: { ...caller.claims, isAdmin } },
          serverId,
        );
      },
    },
  },
  {
    name: 'wait-board-without-owners',
    clause: 'AUTH-10',
    about: "The runtime shares a tool's per-caller state with all callers",
    hooks: onScope((scope) => ({ ...scope, owner: 'everybody' })),
  },
  {
    name: 'answers-kept-for-others',
    clause: 'AUTH-10',
    about: "The runtime returns one caller's tool result to later callers",
    options: toolWith('conformance_whoami', async (_args, { caller: { claims: own } }) => {
      whoami.text ||= JSON.stringify({ email: own.email });
      return { content: [{ type: 'text', text: whoami.text }] };
    }),
  },
  {
    name: 'callers-mixed-up',
    clause: 'AUTH-10',
    about: 'The runtime shows a slow tool the identity of the most recent caller',
    options: toolWith('conformance_whoami', async (_args, scope) => {
      creators.set('last', scope.caller);
      await delay(20);
      const caller = creators.get('last') ?? scope.caller;
      return { content: [{ type: 'text', text: whoAmI({ ...scope, caller }) }] };
    }),
  },
  {
    name: 'owner-told-to-others',
    clause: 'AUTH-10',
    about: 'The runtime reveals the owner of a session to a caller that it refuses',
    hooks: {
      checkOwner(session, caller, call) {
        try {
          defaultHooks.checkOwner(session, caller, call);
        } catch (error) {
          refusedOwner = session.owner ?? '';
          throw error;
        }
      },
      ...onResponse((response) =>
        response.status === 403
          ? {
              ...response,
              body: new TextEncoder().encode(JSON.stringify({ error: `belongs to ${refusedOwner}` })),
            }
          : response,
      ),
    },
  },
  {
    name: 'auth-context-in-the-log',
    clause: 'AUTH-11',
    about: 'The runtime logs the auth context of each call',
    hooks: {
      decodeClaims(encoded) {
        process.stderr.write(`auth context ${encoded}\n`);
        return defaultHooks.decodeClaims(encoded);
      },
    },
  },
  {
    name: 'unreadable-auth-context-in-the-log',
    clause: 'AUTH-11',
    about: 'The runtime logs an unreadable auth context',
    hooks: {
      decodeClaims(encoded) {
        try {
          return defaultHooks.decodeClaims(encoded);
        } catch (error) {
          process.stderr.write(`cannot read ${encoded}\n`);
          throw error;
        }
      },
    },
  },
  ...['authorization', 'proxy-authorization', 'cookie'].map(
    (name): RuntimeEntry => ({
      name: `${name}-in-the-log`,
      clause: 'AUTH-11',
      about: `The runtime logs the ${name} header field`,
      hooks: {
        readHeaders(request) {
          const headers = defaultHooks.readHeaders(request);
          const value = headers.get(name);
          if (value !== undefined) process.stderr.write(`${name}: ${value}\n`);
          return headers;
        },
      },
    }),
  ),
]);
