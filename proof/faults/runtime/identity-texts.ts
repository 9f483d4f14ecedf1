import { isObject } from '../../../base/is-object.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { isExpired } from '../../../reference-runtime/identity/caller.ts';
import { type AuthClaims, noClaims } from '../../../reference-runtime/identity/claims.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { inexactScope, onScope, ownerUncheckedWhen, scopeUncheckedWhen } from '../changes/runtime.ts';

type Change = (text: string) => string;

/** Lets callers use each other's sessions if their emails become equal by a change. */
function emailsAlike(name: string, about: string, change: Change) {
  return {
    name: `emails-${name}`,
    clause: 'AUTH-12',
    about: `The runtime compares emails ${about}`,
    hooks: ownerUncheckedWhen(
      (_call, { owner }, caller) =>
        caller.kind === 'known' && owner !== null && change(caller.email) === change(owner),
    ),
  };
}

/** Changes the teams or the permissions that a tool sees. */
function lists(name: string, about: string, change: (list: readonly string[]) => readonly string[]) {
  return (['teams', 'scopedPermissions'] as const).map((claim) => ({
    name: `${claim === 'teams' ? 'teams' : 'permissions'}-${name}`,
    clause: 'AUTH-12',
    about: `The runtime ${about} ${claim}`,
    hooks: claims(({ [claim]: list }) => (list === null ? {} : { [claim]: change(list) })),
  }));
}

/** Changes the decoded claims. */
function claims(change: (claims: AuthClaims) => Partial<AuthClaims>): Hooks {
  return {
    decodeClaims(encoded) {
      const read = defaultHooks.decodeClaims(encoded);
      return { ...read, ...change(read) };
    },
  };
}

/** Decodes an auth context after a change of its encoded form. */
const decodedAfter = (change: Change): Hooks => ({
  decodeClaims: (encoded) => defaultHooks.decodeClaims(change(encoded)),
});

/** Decodes an auth context after a change of its JSON. Others, such as those that are not base64url, stay as they are. */
const readAfter = (change: Change): Hooks =>
  decodedAfter((encoded) => {
    const text = Buffer.from(encoded, 'base64url').toString();
    const changed = change(text);
    return changed === text ? encoded : Buffer.from(changed).toString('base64url');
  });

/** Returns the shortest beginning of a text that is a JSON object, or the text if there is none. */
function firstObject(text: string): string {
  for (let end = text.indexOf('}'); end !== -1; end = text.indexOf('}', end + 1)) {
    const beginning = text.slice(0, end + 1);
    if (isJson(beginning)) return beginning;
  }
  return text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isWithoutAuthentication(text: string): boolean {
  try {
    const claims: unknown = JSON.parse(text);
    return isObject(claims) && !('is_authenticated' in claims);
  } catch {
    return false;
  }
}

/** Finds the only session whose id becomes equal by a change. */
function sessionsAlike(change: Change): Hooks {
  return {
    findSession(sessions, id) {
      const known: readonly Session[] = [...sessions.all()];
      const alike = known.find((session) => change(session.id) === change(id));
      return alike ?? sessions.find(id);
    },
  };
}

let remembered = new Map<string, AuthClaims>();

/** Faults that confuse different texts. */
export const authTextFaults = runtimeFaults([
  emailsAlike('without-case', 'without their letter case', (text) => text.toLowerCase()),
  emailsAlike('with-domains-without-case', 'without the case of their domain', (text) =>
    text.replace(/@.*/, (domain) => domain.toLowerCase()),
  ),
  emailsAlike('composed', 'in NFC', (text) => text.normalize('NFC')),
  emailsAlike('in-compatible-form', 'in NFKC', (text) => text.normalize('NFKC')),
  emailsAlike('up-to-nul', 'up to the first NUL', (text) => text.split('\0')[0] ?? ''),
  emailsAlike('without-invisible-characters', 'without zero-width characters', (text) =>
    text.replace(/[\u200B-\u200D\u202A-\u202E\uFEFF]/g, ''),
  ),
  emailsAlike('trimmed', 'without white space around them', (text) => text.trim()),
  emailsAlike('without-tags', 'without the part after a plus', (text) => text.replace(/\+[^@]*/, '')),
  emailsAlike('decoded', 'after percent-decoding', (text) =>
    text.replaceAll('%40', '@').replaceAll('%2B', '+'),
  ),
  emailsAlike('without-dots', 'without dots in their local part', (text) =>
    text.replace(/^[^@]*/, (local) => local.replaceAll('.', '')),
  ),
  emailsAlike('without-astral-planes', 'without characters beyond the first plane', (text) =>
    text.replace(/[\u{10000}-\u{10FFFF}]/gu, '?'),
  ),
  emailsAlike('without-private-characters', 'without private characters', (text) =>
    text.replace(/\p{Co}/gu, ''),
  ),
  emailsAlike('unquoted', 'without quotes', (text) => text.replaceAll('"', '')),
  ...lists('sorted', 'sorts', (list) => list.toSorted()),
  ...lists('deduplicated', 'removes duplicates from', (list) => [...new Set(list)]),
  ...lists('without-empty-names', 'removes empty names from', (list) => list.filter((text) => text !== '')),
  ...lists('in-lower-case', 'lower-cases', (list) => list.map((text) => text.toLowerCase())),
  ...lists('cut', 'keeps only one of the', (list) => list.slice(0, 1)),
  ...lists('cut-at-32', 'keeps at most 32', (list) => list.slice(0, 32)),
  ...lists('trimmed', 'trims', (list) => list.map((text) => text.trim())),
  ...lists('composed', 'normalises', (list) => list.map((text) => text.normalize('NFC'))),
  ...lists('escaped', 'escapes', (list) => list.map((text) => text.replaceAll('<', '&lt;'))),
  {
    name: 'token-use-in-lower-case',
    clause: 'AUTH-12',
    about: 'The runtime lower-cases token_use',
    hooks: claims(({ tokenUse }) => ({ tokenUse: tokenUse?.toLowerCase() ?? null })),
  },
  {
    name: 'scoped-server-trimmed',
    clause: 'AUTH-12',
    about: 'The runtime trims scoped_server_id',
    hooks: claims(({ scopedServerId }) => ({ scopedServerId: scopedServerId?.trim() ?? null })),
  },
  {
    name: 'scopes-without-accents',
    clause: 'AUTH-12',
    about: 'The runtime compares scopes in NFC',
    alsoBreaks: [{ clause: 'SESSION-5', reason: inexactScope }],
    hooks: scopeUncheckedWhen(
      ({ serverId }, session) => serverId.normalize() === session.serverId.normalize(),
    ),
  },
  {
    name: 'scopes-decoded',
    clause: 'AUTH-12',
    about: 'The runtime compares scopes after percent-decoding',
    alsoBreaks: [{ clause: 'SESSION-5', reason: inexactScope }],
    hooks: scopeUncheckedWhen(
      ({ serverId }, session) => decodeURIComponent(serverId) === decodeURIComponent(session.serverId),
    ),
  },
  {
    name: 'scopes-trimmed',
    clause: 'AUTH-12',
    about: 'The runtime compares scopes without invisible characters around them',
    alsoBreaks: [{ clause: 'SESSION-5', reason: inexactScope }],
    hooks: scopeUncheckedWhen(({ serverId }, session) => serverId.trim() === session.serverId.trim()),
  },
  {
    name: 'session-ids-without-case',
    clause: 'AUTH-12',
    about: 'The runtime compares session ids without their letter case',
    hooks: sessionsAlike((id) => id.toLowerCase()),
  },
  {
    name: 'session-ids-decoded',
    clause: 'AUTH-12',
    about: 'The runtime ignores what follows a percent sign in a session id',
    hooks: sessionsAlike((id) => id.replace(/%.*/, '')),
  },
  {
    name: 'spaces-in-base64-skipped',
    clause: 'AUTH-4',
    about: 'The runtime skips white space in an auth context',
    hooks: decodedAfter((encoded) => encoded.replace(/\s/g, '')),
  },
  {
    name: 'line-ends-in-base64-skipped',
    clause: 'AUTH-4',
    about: 'The runtime skips line ends in an auth context',
    hooks: decodedAfter((encoded) => encoded.replace(/[\r\n]/g, '')),
  },
  {
    name: 'padding-amid-base64-skipped',
    clause: 'AUTH-4',
    about: 'The runtime skips padding anywhere in an auth context',
    hooks: decodedAfter((encoded) => encoded.replaceAll('=', '')),
  },
  {
    name: 'data-after-the-claims-ignored',
    clause: 'AUTH-4',
    about: 'The runtime ignores data after the JSON object of an auth context',
    hooks: readAfter(firstObject),
  },
  {
    name: 'byte-order-mark-in-claims-skipped',
    clause: 'AUTH-4',
    about: 'The runtime skips a byte order mark in an auth context',
    hooks: readAfter((text) => text.replace(/^\uFEFF/, '')),
  },
  {
    name: 'commas-at-the-end-of-claims-ignored',
    clause: 'AUTH-4',
    about: 'The runtime ignores a comma after the last claim',
    hooks: readAfter((text) => text.replace(/,\}$/, '}')),
  },
  {
    name: 'null-permissions-are-none',
    clause: 'AUTH-4',
    about: 'The runtime treats null as an empty list of permissions',
    hooks: readAfter((text) => text.replace('"scoped_permissions":null', '"scoped_permissions":[]')),
  },
  {
    name: 'null-teams-dropped',
    clause: 'AUTH-4',
    about: 'The runtime drops null from a list of teams',
    hooks: readAfter((text) => text.replace(',null]', ']').replace('[null]', '[]')),
  },
  {
    name: 'an-email-authenticates',
    clause: 'AUTH-1',
    about: 'The runtime treats a caller with an email as authenticated if is_authenticated is missing',
    hooks: readAfter((text) =>
      isWithoutAuthentication(text) ? text.replace('{', '{"is_authenticated":true,') : text,
    ),
  },
  {
    name: 'expiry-one-minute-early',
    clause: 'AUTH-5',
    about: 'The runtime refuses an auth context that expires within a minute',
    hooks: { isExpired: (context, now) => isExpired(context, now + 60_000) },
  },
  {
    name: 'expiry-half-a-minute-early',
    clause: 'AUTH-5',
    about: 'The runtime refuses an auth context that expires within 30 seconds',
    hooks: { isExpired: (context, now) => isExpired(context, now + 30_000) },
  },
  {
    name: 'claims-kept-for-the-session',
    clause: 'AUTH-9',
    about: 'The runtime keeps the claims of the first call of each session',
    hooks: {
      ...onScope((scope) => {
        const known = remembered.get(scope.owner) ?? scope.caller.claims;
        remembered.set(scope.owner, known);
        return { ...scope, caller: { ...scope.caller, claims: known } };
      }),
      isNegotiated: (connection) => {
        remembered = new Map();
        return defaultHooks.isNegotiated(connection);
      },
    },
  },
  {
    name: 'claims-of-the-previous-call',
    clause: 'AUTH-9',
    about: 'The runtime gives a tool the claims of the previous call of its caller',
    hooks: onScope((scope) => {
      const previous = remembered.get(scope.owner) ?? noClaims;
      remembered.set(scope.owner, scope.caller.claims);
      return {
        ...scope,
        caller: { ...scope.caller, claims: { ...previous, email: scope.caller.claims.email } },
      };
    }),
  },
]);
