import type { CaseHead } from '../../case/case.ts';
import { type Era, erasOf } from '../../case/era.ts';
import type { Failure } from '../../engine/result.ts';
import type { Difference } from '../../match/diff.ts';
import { nothing } from '../../match/matcher.ts';

/** A rule about answers of many kinds. A case of any clause shows a difference if a runtime breaks the rule. */
export interface GeneralRule {
  readonly clause: string;
  /** The era that the rule applies to. Default: both. */
  readonly era?: Era;
  /** Returns whether a difference of a failure breaks the rule. */
  readonly isBroken: (difference: Difference, failure: Failure) => boolean;
  /** Whether every difference must break the rule. Default: only the first one, which the others may follow from. */
  readonly wholly?: true;
  /** Whether a case can only explain failures whose first difference has the same place and the same observed value. */
  readonly sameDifference?: true;
}

/** The general rules, from those about the form of answers to those about their content. */
export const generalRules: readonly GeneralRule[] = [
  { clause: 'ERROR-4', isBroken: ({ path, actual }) => isInternal(path, actual) },
  {
    clause: 'JSONRPC-1',
    isBroken: ({ path }, failure) => path.startsWith('/messages') && isAnsweredTwice(failure),
  },
  { clause: 'JSONRPC-1', isBroken: at(/^\/message\/jsonrpc$/) },
  {
    clause: 'JSONRPC-2',
    wholly: true,
    isBroken: at(/^\/(?:id|idToken|message\/id|messages\/\d+\/id)$/),
  },
  { clause: 'JSONRPC-3', isBroken: ({ path }, { expected }) => isAccepted(path, expected) },
  {
    clause: 'HEADER-1',
    isBroken: ({ path, actual }) => path === '/headers/content-type' && actual === nothing,
  },
  { clause: 'STREAM-2', isBroken: at(/^\/errorStatus$/), sameDifference: true },
  { clause: 'HEAD-1', isBroken: at(/^\/(?:status|headers)$/), sameDifference: true },
  { clause: 'MODERN-26', era: 'modern', isBroken: at(/^\/headers\/mcp-session-id$/) },
  { clause: 'MODERN-9', era: 'modern', isBroken: at(/\/result\/resultType$/) },
  {
    clause: 'MODERN-12',
    era: 'modern',
    isBroken: ({ path, actual }) => /\/result\/(?:ttlMs|cacheScope)$/.test(path) && actual === nothing,
  },
  { clause: 'MODERN-49', era: 'modern', isBroken: unexpected(/\/result\/(?:ttlMs|cacheScope)$/) },
  { clause: 'MODERN-15', era: 'modern', isBroken: at(/\/_meta\/io\.modelcontextprotocol~1subscriptionId$/) },
  { clause: 'MODERN-3', era: 'modern', isBroken: expecting(400, -32022), sameDifference: true },
  { clause: 'MODERN-18', era: 'modern', isBroken: expecting(400, -32021), sameDifference: true },
  { clause: 'MODERN-53', era: 'modern', isBroken: refusedWith(-32021) },
  { clause: 'MODERN-18', era: 'modern', isBroken: refusedWith(-32021) },
  { clause: 'MODERN-10', era: 'modern', isBroken: expecting(404, -32601), sameDifference: true },
  { clause: 'JSONRPC-8', era: 'legacy', isBroken: expecting(200, -32601), sameDifference: true },
];

type Test = GeneralRule['isBroken'];

/** Returns whether a failure breaks a rule. */
export function breaksRule(
  { era, isBroken, wholly }: GeneralRule,
  failure: Failure,
  head: Pick<CaseHead, 'revisions'>,
): boolean {
  if (failure.differences.length === 0 || (era !== undefined && !erasOf(head).includes(era))) return false;
  const decisive = wholly ? failure.differences : failure.differences.slice(0, 1);
  return decisive.every((difference) => isBroken(difference, failure));
}

function at(place: RegExp): Test {
  return ({ path }) => place.test(path);
}

function unexpected(place: RegExp): Test {
  return ({ path, expected }) => place.test(path) && expected === nothing;
}

/** Tests whether the step expected this answer, which only one clause requires in this era. */
function expecting(status: number, rpcCode: number): Test {
  return (_, { expected }) =>
    memberOf(expected, 'status') === status && JSON.stringify(expected).includes(`${rpcCode}`);
}

/** Tests whether the runtime refused a request that it should carry out. */
function refusedWith(rpcCode: number): Test {
  return ({ path, expected }, { actual }) =>
    path === '/status' &&
    expected.startsWith('200') &&
    memberOf(memberOf(memberOf(actual, 'message'), 'error'), 'code') === rpcCode;
}

/** Returns whether an answer of `Invoke` has another response before the last one. */
function isAnsweredTwice({ step, actual }: Failure): boolean {
  const messages = memberOf(actual, 'messages');
  if (step?.verb !== 'invoke' || !Array.isArray(messages)) return false;
  return messages.some((message) => 'result' in Object(message) || 'error' in Object(message));
}

/** Returns whether an answer says that the runtime failed, instead of the expected status. */
function isInternal(path: string, actual: string): boolean {
  if (/^\/(?:status|errorStatus|refused)$/.test(path)) return Number(actual) >= 500;
  return path === '/grpc' && /^"(?:INTERNAL|UNKNOWN)"$/.test(actual);
}

/** Returns whether a difference is in the answer to a notification. */
function isAccepted(path: string, expected: unknown): boolean {
  return /^\/(?:status|bytes)$/.test(path) && memberOf(expected, 'status') === 202;
}

function memberOf(value: unknown, name: string): unknown {
  return Object(value)[name];
}
