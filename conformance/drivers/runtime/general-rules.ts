import type { CaseHead } from '../../case/case.ts';
import { type Era, erasOf } from '../../case/era.ts';
import type { Failure } from '../../engine/result.ts';
import { isObject } from '../../match/canonical.ts';
import type { Difference } from '../../match/diff.ts';
import { nothing } from '../../match/matcher.ts';

/** The parts of a case that decide whether a rule applies to it. */
type Head = Pick<CaseHead, 'revisions' | 'needs'>;

/** A rule about answers of many kinds. A case of any clause shows a difference if a runtime breaks the rule. */
export interface GeneralRule {
  readonly clause: string;
  /** The era that the rule applies to. Default: both. */
  readonly era?: Era;
  /** The only case that proves the rule broken. Default: every case that fails at a step of the clause. */
  readonly provenBy?: string;
  /** Returns whether a failure may be due to a runtime that breaks the rule. */
  readonly isBroken: (failure: Failure, head: Head) => boolean;
  /** Whether a case can only explain failures whose first difference has the same place and the same observed value. */
  readonly sameDifference?: true;
  /** Whether other clauses state the same for their answers. The rule then explains only failures of several clauses. */
  readonly statedElsewhere?: true;
}

type Test = (difference: Difference, failure: Failure) => boolean;

const progressMembers = ['progress', 'progressToken', 'total'];

const hints = /\/result\/(?:ttlMs|cacheScope)$/;

/** The general rules, from those about the form of answers to those about their content. */
export const generalRules: readonly GeneralRule[] = [
  {
    clause: 'RPC-1',
    isBroken: first(({ path, actual }) => path === '/grpc' && actual === '"UNIMPLEMENTED"'),
  },
  { clause: 'POST-1', provenBy: 'stream-post/response', isBroken: isNotStreamed },
  { clause: 'ERROR-4', isBroken: first(({ path, actual }) => isInternal(path, actual)) },
  { clause: 'ERROR-1', isBroken: first(isNoAnswer) },
  { clause: 'ERROR-2', isBroken: of(isMalformedRefusal) },
  {
    clause: 'JSONRPC-1',
    isBroken: first(({ path }, failure) => path.startsWith('/messages') && isAnsweredTwice(failure)),
  },
  { clause: 'JSONRPC-1', isBroken: of(({ message }) => isObject(message) && !('jsonrpc' in message)) },
  {
    clause: 'JSONRPC-10',
    isBroken: of(({ form, bytes, message }) => form === 'sse' && bytes !== 0 && !message),
  },
  { clause: 'JSONRPC-2', isBroken: every(at(/^\/(?:id|idToken|message\/id|messages\/\d+\/id)$/)) },
  { clause: 'JSONRPC-3', isBroken: first(({ path }, { expected }) => isAccepted(path, expected)) },
  { clause: 'HEADER-1', isBroken: of(isWithoutType) },
  { clause: 'STREAM-2', isBroken: first(at(/^\/errorStatus$/)), sameDifference: true, statedElsewhere: true },
  {
    clause: 'HEAD-1',
    isBroken: first(at(/^\/(?:status|headers)$/)),
    sameDifference: true,
    statedElsewhere: true,
  },
  { clause: 'POST-4', isBroken: isOtherStatusOfStream, sameDifference: true, statedElsewhere: true },
  { clause: 'SESSION-9', era: 'legacy', isBroken: first(isLostSession) },
  { clause: 'SESSION-6', era: 'legacy', isBroken: first(isLostSession) },
  { clause: 'MODERN-26', era: 'modern', isBroken: first(at(/^\/headers\/mcp-session-id$/)) },
  { clause: 'MODERN-9', era: 'modern', isBroken: first(hasWrongType) },
  {
    clause: 'MODERN-52',
    era: 'modern',
    isBroken: first(
      ({ path, actual }) =>
        (/\/result\/resultType$/.test(path) && actual === '"input_required"') ||
        (/\/result\/(?:inputRequests|requestState)$/.test(path) && actual === nothing),
    ),
  },
  { clause: 'MODERN-39', era: 'modern', isBroken: first(isUnserved) },
  {
    clause: 'MODERN-12',
    era: 'modern',
    isBroken: first(({ path, actual }) => hints.test(path) && actual === nothing),
  },
  {
    clause: 'MODERN-49',
    era: 'modern',
    isBroken: first(({ path, expected }) => hints.test(path) && expected === nothing),
  },
  {
    clause: 'MODERN-15',
    era: 'modern',
    isBroken: first(at(/\/_meta\/io\.modelcontextprotocol~1subscriptionId$/)),
  },
  {
    clause: 'MODERN-15',
    era: 'modern',
    isBroken: first(({ path, expected }) => path === '/method' && expected.endsWith('/acknowledged"')),
  },
  {
    clause: 'MODERN-19',
    era: 'modern',
    isBroken: first(isOfMessage('notifications/message', ['level', 'data'])),
    statedElsewhere: true,
  },
  {
    clause: 'MODERN-68',
    era: 'modern',
    isBroken: first(isOfMessage('notifications/progress', progressMembers)),
    statedElsewhere: true,
  },
  {
    clause: 'MCP-8',
    era: 'legacy',
    isBroken: first(isOfMessage('notifications/message', ['level', 'data'])),
    statedElsewhere: true,
  },
  {
    clause: 'MCP-7',
    era: 'legacy',
    isBroken: first(isOfMessage('notifications/progress', progressMembers)),
    statedElsewhere: true,
  },
  {
    clause: 'MODERN-61',
    era: 'modern',
    isBroken: first(
      ({ path, expected, actual }) =>
        path.endsWith('/method') &&
        /^"notifications\/(?:resources\/updated|\w+\/list_changed)"/.test(expected) &&
        /^"notifications\/(?:message|progress)"/.test(actual),
    ),
  },
  {
    clause: 'MODERN-3',
    era: 'modern',
    isBroken: first(expecting(400, -32022)),
    sameDifference: true,
    statedElsewhere: true,
  },
  {
    clause: 'MODERN-18',
    era: 'modern',
    isBroken: first(expecting(400, -32021)),
    sameDifference: true,
    statedElsewhere: true,
  },
  { clause: 'MODERN-53', era: 'modern', isBroken: first(refusedWith(-32021)) },
  { clause: 'MODERN-18', era: 'modern', isBroken: first(refusedWith(-32021)) },
  {
    clause: 'MODERN-10',
    era: 'modern',
    isBroken: first(expecting(404, -32601)),
    sameDifference: true,
    statedElsewhere: true,
  },
  {
    clause: 'JSONRPC-8',
    era: 'legacy',
    isBroken: first(expecting(200, -32601)),
    sameDifference: true,
    statedElsewhere: true,
  },
];

/** Returns whether a failure may be due to a runtime that breaks a rule. */
export function breaksRule({ era, isBroken }: GeneralRule, failure: Failure, head: Head): boolean {
  return (era === undefined || erasOf(head).includes(era)) && isBroken(failure, head);
}

/** Tests the first difference, which the others may follow from. */
function first(test: Test): GeneralRule['isBroken'] {
  return (failure) => {
    const [difference] = failure.differences;
    return difference !== undefined && test(difference, failure);
  };
}

/** Tests the observed answer, wherever it differs. */
function of(test: (observation: Readonly<Record<string, unknown>>) => boolean): GeneralRule['isBroken'] {
  return ({ actual, differences }) => differences.length > 0 && isObject(actual) && test(actual);
}

function every(test: Test): GeneralRule['isBroken'] {
  return (failure) =>
    failure.differences.length > 0 && failure.differences.every((difference) => test(difference, failure));
}

function at(place: RegExp): Test {
  return ({ path }) => place.test(path);
}

/** Tests whether a notification of this method is unexpected, or has a member that differs. */
function isOfMessage(method: string, members: readonly string[]): Test {
  const place = new RegExp(`^/messages/\\d+/params/(?:${members.join('|')})$`);
  return ({ path, expected, actual }) =>
    place.test(path) ||
    (path.startsWith('/messages') &&
      /^(?:nothing|a length)/.test(expected) &&
      actual.includes(`"${method}"`));
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

/** Returns whether a result has no type, or not the type that its members require. */
function hasWrongType({ path, actual }: Difference, failure: Failure): boolean {
  if (!/\/result\/resultType$/.test(path)) return false;
  if (actual !== '"complete"' && actual !== '"input_required"') return true;
  const result = memberOf(memberOf(failure.actual, 'message'), 'result');
  return actual === '"complete"' && memberOf(result, 'inputRequests') !== undefined;
}

/** Returns whether the runtime answered 404 to a method that it should serve. */
function isUnserved({ path }: Difference, { step, expected, actual }: Failure): boolean {
  const isStatus = path === '/status' && memberOf(expected, 'status') === 200;
  return memberOf(actual, 'status') === 404 && (isStatus || step?.verb === 'check');
}

/** Returns whether `InvokeStream` did not carry out the request that it carried. */
function isNotStreamed(failure: Failure, head: Head): boolean {
  const { differences, actual } = failure;
  const isRefused = Number(memberOf(actual, 'status')) >= 400 || Number(memberOf(actual, 'refused')) >= 400;
  return isOfStream(failure, head) && (differences.length === 0 || isRefused);
}

/** Returns whether a failure is in the answer to a request that `InvokeStream` carried. */
function isOfStream({ step, request }: Failure, { needs }: Head): boolean {
  const method = memberOf(request, 'method');
  return (
    needs?.capabilities?.includes('stream-post') === true &&
    ['openStream', 'receive', 'end'].includes(step?.verb ?? '') &&
    (method === undefined || method === 'POST')
  );
}

/** Returns whether the answer to a request that `InvokeStream` carried has another status than expected. */
function isOtherStatusOfStream(failure: Failure, head: Head): boolean {
  return (
    isOfStream(failure, head) && /^\/(?:status|refused|errorStatus)$/.test(failure.differences[0]?.path ?? '')
  );
}

/** Returns whether a session does not exist any more that should exist. */
function isLostSession({ path, expected, actual }: Difference): boolean {
  return (
    path === '/status' && actual === '404' && !expected.includes('404') && !expected.includes('400 to 499')
  );
}

/** Returns whether an answer has a body, but does not state its media type. */
function isWithoutType({ bytes, headers }: Readonly<Record<string, unknown>>): boolean {
  return Number(bytes) > 0 && isObject(headers) && !('content-type' in headers);
}

/** Returns whether the body of a refusal has no media type, or is a JSON-RPC message without an error. */
function isMalformedRefusal(observation: Readonly<Record<string, unknown>>): boolean {
  const { status, message } = observation;
  if (!(Number(status) >= 400)) return false;
  return isWithoutType(observation) || (isObject(message) && 'jsonrpc' in message && !('error' in message));
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

/** Returns whether a call has no HTTP status where an answer of MCP is due. */
function isNoAnswer({ path, expected, actual }: Difference): boolean {
  return (path === '/grpc' && expected === '"OK"') || (path === '/status' && actual === '0');
}

/** Returns whether a difference is in the answer to a notification. */
function isAccepted(path: string, expected: unknown): boolean {
  return /^\/(?:status|bytes)$/.test(path) && memberOf(expected, 'status') === 202;
}

function memberOf(value: unknown, name: string): unknown {
  return Object(value)[name];
}
