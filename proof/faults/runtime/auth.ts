import { setTimeout as delay } from 'node:timers/promises';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { anonymousCaller, type Caller, isExpired } from '../../../reference-runtime/identity/caller.ts';
import { type AuthClaims, noClaims, UnreadableClaims } from '../../../reference-runtime/identity/claims.ts';
import { type Hooks, type RuntimeEntry, runtimeFaults } from '../../harness/fault.ts';
import {
  onResponse,
  onScope,
  ownerUncheckedWhen,
  refusalStatus,
  refuse,
  toolWith,
} from '../changes/runtime.ts';

const members = (encoded: string): unknown => {
  try {
    return JSON.parse(Buffer.from(encoded, 'base64url').toString());
  } catch {
    return undefined;
  }
};

/** Encodes claims again after a change, so that what cannot be read any more can. */
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

/** Changes the claims that are read. */
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
let told = '';

/** Faults of identity. */
export const authFaults = runtimeFaults([
  {
    name: 'only-plain-base64',
    clause: 'AUTH-1',
    about: 'The alphabet of base64url is not known',
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
    about: 'Claims that nobody knows are refused',
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
    name: 'missing-claims-refused',
    clause: 'AUTH-1',
    about: 'Claims that are missing are asked for',
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
    about: 'A missing `is_admin` claim grants admin rights',
    hooks: claims((_read, encoded) =>
      /"is_admin"/.test(JSON.stringify(members(encoded))) ? {} : { isAdmin: true },
    ),
  },
  {
    name: 'missing-permissions-are-all',
    clause: 'AUTH-1',
    about: 'Missing permissions are all permissions',
    hooks: claims((_read, encoded) =>
      JSON.stringify(members(encoded)).includes('"scoped_permissions"') ? {} : { scopedPermissions: ['*'] },
    ),
  },
  {
    name: 'token-use-not-read',
    clause: 'AUTH-1',
    about: 'The claim token_use is not read',
    hooks: claims(() => ({ tokenUse: null })),
  },
  {
    name: 'permissions-not-read',
    clause: 'AUTH-1',
    about: 'The claim scoped_permissions is not read',
    hooks: claims(() => ({ scopedPermissions: [] })),
  },
  {
    name: 'scoped-server-not-read',
    clause: 'AUTH-1',
    about: 'The claim scoped_server_id is not read',
    hooks: claims(() => ({ scopedServerId: null })),
  },
  {
    name: 'administrators-confused',
    clause: 'AUTH-1',
    about: 'permission_is_admin counts as is_admin',
    hooks: claims((read) => ({ isAdmin: read.isAdmin || read.permissionIsAdmin })),
  },
  {
    name: 'owner-not-checked',
    clause: 'AUTH-2',
    about: 'The owner is not checked where there is an identity',
    hooks: ownerUncheckedWhen((_call, _session, { kind }) => kind === 'known'),
  },
  {
    name: 'owner-not-checked-at-close',
    clause: 'AUTH-2',
    about: 'Another owner may close a session',
    hooks: ownerUncheckedWhen(({ rpc }, _session, { kind }) => rpc === 'CloseSession' && kind === 'known'),
  },
  {
    name: 'owner-not-checked-for-streams',
    clause: 'AUTH-2',
    about: 'Another owner may open a stream',
    hooks: ownerUncheckedWhen(({ rpc }, _session, { kind }) => rpc === 'InvokeStream' && kind === 'known'),
  },
  {
    name: 'owner-not-checked-for-notifications',
    clause: 'AUTH-2',
    about: 'Another owner may send notifications',
    hooks: ownerUncheckedWhen(
      ({ body }, _session, { kind }) => kind === 'known' && !Buffer.from(body).includes('"id"'),
    ),
  },
  {
    name: 'administrators-own-everything',
    clause: 'AUTH-2',
    about: 'An administrator may use every session',
    hooks: ownerUncheckedWhen((_call, _session, caller) => caller.claims.isAdmin),
  },
  {
    name: 'owner-by-the-beginning',
    clause: 'AUTH-2',
    about: 'The beginning of the email is enough',
    hooks: ownerUncheckedWhen(
      (_call, { owner }, caller) =>
        caller.kind === 'known' && owner !== null && owner.startsWith(caller.email),
    ),
  },
  {
    name: 'owner-without-accents',
    clause: 'AUTH-2',
    about: 'Accents make no difference in emails',
    hooks: ownerUncheckedWhen(
      (_call, { owner }, caller) =>
        emailOf(caller).normalize('NFD').replace(/\p{M}/gu, '') ===
        owner?.normalize('NFD').replace(/\p{M}/gu, ''),
    ),
  },
  {
    name: 'owner-includes-the-token',
    clause: 'AUTH-2',
    about: 'The owner with another kind of token is another owner',
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
    about: 'Another owner is answered 404',
    hooks: refusalStatus(403, 404),
  },
  {
    name: 'another-owner-ends-the-session',
    clause: 'AUTH-2',
    about: 'A call of another owner ends the session that it is refused',
    hooks: {
      checkOwner(session, caller, call) {
        if (defaultHooks.ownerOf(caller) !== session.owner) void session.close();
        defaultHooks.checkOwner(session, caller, call);
      },
    },
  },
  {
    name: 'nobody-owns-everything',
    clause: 'AUTH-3',
    about: 'A call without identity may use every session',
    hooks: ownerUncheckedWhen((_call, _session, { kind }) => kind === 'anonymous'),
  },
  {
    name: 'nobody-may-close',
    clause: 'AUTH-3',
    about: 'A call without identity may close every session',
    hooks: ownerUncheckedWhen(
      ({ rpc }, _session, { kind }) => rpc === 'CloseSession' && kind === 'anonymous',
    ),
  },
  {
    name: 'nobody-may-read',
    clause: 'AUTH-3',
    about: 'A call without identity may open the stream of every session',
    hooks: ownerUncheckedWhen(
      ({ rpc }, _session, { kind }) => rpc === 'InvokeStream' && kind === 'anonymous',
    ),
  },
  {
    name: 'bearer-token-is-identity',
    clause: 'AUTH-3',
    about: 'A call without auth context is who its bearer token says',
    hooks: ownerUncheckedWhen(
      ({ headers, authContext }) => authContext === undefined && headers.has('authorization'),
    ),
  },
  {
    name: 'unreadable-is-nobody',
    clause: 'AUTH-4',
    about: 'An auth context that cannot be read counts as none',
    hooks: unreadableAs(noClaims),
  },
  {
    name: 'empty-is-nobody',
    clause: 'AUTH-4',
    about: 'An empty auth context counts as none',
    hooks: unreadableAs(noClaims, (encoded) => encoded === ''),
  },
  {
    name: 'base64-loosely-read',
    clause: 'AUTH-4',
    about: 'Characters that base64url does not have are skipped',
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
    about: 'A claim of the wrong type counts as missing',
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
    about: 'A claim that is null counts as missing, teams aside',
    hooks: reEncoded((read) =>
      Object.fromEntries(Object.entries(read).filter(([name, value]) => name === 'teams' || value !== null)),
    ),
  },
  {
    name: 'teams-not-checked',
    clause: 'AUTH-4',
    about: 'Teams of the wrong type count as none',
    hooks: reEncoded(({ teams, ...rest }) => ({
      ...rest,
      teams: Array.isArray(teams) ? teams.filter((team) => typeof team === 'string') : [],
    })),
  },
  {
    name: 'unreadable-is-403',
    clause: 'AUTH-4',
    about: 'An auth context that cannot be read is answered 403',
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
    about: 'An auth context that cannot be read ends the call with INTERNAL',
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
    about: 'The end of an auth context is not looked at',
    hooks: { isExpired: () => false },
  },
  {
    name: 'expiry-in-seconds',
    clause: 'AUTH-5',
    about: 'The end of an auth context is taken for seconds',
    hooks: {
      isExpired: ({ encoded, expiresAtEpochMs }, now) =>
        isExpired({ encoded, expiresAtEpochMs: expiresAtEpochMs * 1000n }, now),
    },
  },
  {
    name: 'expiry-signed',
    clause: 'AUTH-5',
    about: 'The end of an auth context is read as a signed number',
    hooks: {
      isExpired: ({ encoded, expiresAtEpochMs }, now) =>
        isExpired({ encoded, expiresAtEpochMs: BigInt.asIntN(64, expiresAtEpochMs) }, now),
    },
  },
  {
    name: 'expiry-with-leeway',
    clause: 'AUTH-5',
    about: 'An auth context is taken for 30 seconds more',
    hooks: { isExpired: (context, now) => isExpired(context, now - 30_000) },
  },
  {
    name: 'expiry-zero-is-the-past',
    clause: 'AUTH-5',
    about: 'An auth context without a known end has ended',
    hooks: { isExpired: ({ expiresAtEpochMs }, now) => expiresAtEpochMs < BigInt(now) },
  },
  {
    name: 'expired-is-403',
    clause: 'AUTH-5',
    about: 'An auth context that has ended is answered 403',
    hooks: { isExpired: (context, now) => isExpired(context, now) && refuse('PERMISSION_DENIED') },
  },
  {
    name: 'ownerless-sessions-for-all',
    clause: 'AUTH-6',
    about: 'A session without owner is open to everybody',
    hooks: ownerUncheckedWhen((_call, { owner }) => owner === null),
  },
  {
    name: 'nobody-is-an-error',
    clause: 'AUTH-6',
    about: 'initialize without identity is answered 400',
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
    about: 'The claim is_authenticated is not looked at',
    hooks: {
      callerOf: (read) =>
        read.email === null ? anonymousCaller : { kind: 'known', email: read.email, claims: read },
    },
  },
  {
    name: 'administrators-need-no-authentication',
    clause: 'AUTH-7',
    about: 'is_admin is enough to be somebody',
    hooks: {
      callerOf: (read) =>
        defaultHooks.callerOf({ ...read, isAuthenticated: read.isAuthenticated || read.isAdmin }),
    },
  },
  {
    name: 'no-teams-are-all-teams',
    clause: 'AUTH-8',
    about: 'The empty array of teams is taken for null',
    hooks: claims(({ teams }) => ({ teams: teams?.length === 0 ? null : teams })),
  },
  {
    name: 'all-teams-are-no-teams',
    clause: 'AUTH-8',
    about: 'null as teams is taken for the empty array',
    hooks: claims(({ teams }) => ({ teams: teams ?? [] })),
  },
  {
    name: 'claims-of-the-creator',
    clause: 'AUTH-9',
    about: 'Calls go by the claims of the call that made the session',
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
    about: 'Who once administered does so for the whole session',
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
    about: 'What a tool keeps for a caller is open to all',
    hooks: onScope((scope) => ({ ...scope, owner: 'everybody' })),
  },
  {
    name: 'answers-kept-for-others',
    clause: 'AUTH-10',
    about: 'What a tool said to one caller is said to the next',
    options: toolWith('conformance_whoami', async (_args, { caller: { claims: own } }) => {
      whoami.text ||= JSON.stringify({ email: own.email });
      return { content: [{ type: 'text', text: whoami.text }] };
    }),
  },
  {
    name: 'callers-mixed-up',
    clause: 'AUTH-10',
    about: 'A tool that takes a while sees the caller of the call that came last',
    options: toolWith('conformance_whoami', async (_args, { caller }) => {
      creators.set('last', caller);
      await delay(20);
      const email = emailOf(creators.get('last') ?? caller);
      return { content: [{ type: 'text', text: JSON.stringify({ email }) }] };
    }),
  },
  {
    name: 'owner-told-to-others',
    clause: 'AUTH-10',
    about: 'Who is refused a session is told whose it is',
    hooks: {
      checkOwner(session, caller, call) {
        try {
          defaultHooks.checkOwner(session, caller, call);
        } catch (error) {
          told = session.owner ?? '';
          throw error;
        }
      },
      ...onResponse((response) =>
        response.status === 403
          ? { ...response, body: new TextEncoder().encode(JSON.stringify({ error: `belongs to ${told}` })) }
          : response,
      ),
    },
  },
  {
    name: 'auth-context-in-the-log',
    clause: 'AUTH-11',
    about: 'The auth context of each call is written to the log',
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
    about: 'An auth context that cannot be read is written to the log',
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
      about: `The field ${name} is written to the log`,
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
