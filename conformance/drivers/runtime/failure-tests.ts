import type { CaseHead } from '../../case/case.ts';
import type { Failure } from '../../engine/result.ts';
import { isObject } from '../../match/canonical.ts';
import type { Difference } from '../../match/diff.ts';
import { nothing } from '../../match/matcher.ts';
import { codeProblem, containsCodeProblem } from '../../observe/json-rpc-codes.ts';

/** The parts of a case that decide whether a rule applies to it. */
export type Head = Pick<CaseHead, 'revisions' | 'needs'>;

/** Tests a failure of a case. */
export type FailureTest = (failure: Failure, head: Head) => boolean;

/** Tests one difference of a failure. */
type DifferenceTest = (difference: Difference, failure: Failure) => boolean;

/** Tests the first difference, which may cause the others. */
export function first(test: DifferenceTest): FailureTest {
  return (failure) => {
    const [difference] = failure.differences;
    return difference !== undefined && test(difference, failure);
  };
}

/** Tests the observed answer, regardless of the places of the differences. */
export function of(test: (observation: Readonly<Record<string, unknown>>) => boolean): FailureTest {
  return ({ actual, differences }) => differences.length > 0 && isObject(actual) && test(actual);
}

/** Tests every difference. */
export function every(test: DifferenceTest): FailureTest {
  return (failure) =>
    failure.differences.length > 0 && failure.differences.every((difference) => test(difference, failure));
}

/** Tests the place of a difference. */
export function at(place: RegExp): DifferenceTest {
  return ({ path }) => place.test(path);
}

/** Tests whether a notification of this method is unexpected, or has a member that differs. */
export function isOfMessage(method: string, members: readonly string[]): DifferenceTest {
  const place = new RegExp(`^/messages/\\d+/params/(?:${members.join('|')})$`);
  return ({ path, expected, actual }) =>
    place.test(path) ||
    (path.startsWith('/messages') &&
      /^(?:nothing|a length)/.test(expected) &&
      actual.includes(`"${method}"`));
}

/** Tests whether the step expected this answer, which only one clause requires in this era. */
export function expecting(status: number, rpcCode: number): DifferenceTest {
  return (_, { expected }) =>
    memberOf(expected, 'status') === status && JSON.stringify(expected).includes(`${rpcCode}`);
}

/** Tests whether the runtime refused a request that it should carry out. */
export function refusedWith(rpcCode: number): DifferenceTest {
  return ({ path, expected }, { actual }) =>
    path === '/status' &&
    expected.startsWith('200') &&
    memberOf(memberOf(memberOf(actual, 'message'), 'error'), 'code') === rpcCode;
}

/** Returns whether a result has no type, or not the type that its members require. */
export function hasWrongType({ path, actual }: Difference, failure: Failure): boolean {
  if (!/\/result\/resultType$/.test(path)) return false;
  if (actual !== '"complete"' && actual !== '"input_required"') return true;
  const result = memberOf(memberOf(failure.actual, 'message'), 'result');
  return actual === '"complete"' && memberOf(result, 'inputRequests') !== undefined;
}

/** Returns whether the runtime answered 404 to a method that it should serve. */
export function isUnserved({ path }: Difference, { step, expected, actual }: Failure): boolean {
  const isStatus = path === '/status' && memberOf(expected, 'status') === 200;
  return memberOf(actual, 'status') === 404 && (isStatus || step?.verb === 'check');
}

/** Returns whether a session that should exist no longer exists. */
export function isLostSession({ path, expected, actual }: Difference): boolean {
  const isStatus = /^\/(?:status|errorStatus|refused)$/.test(path);
  return isStatus && actual === '404' && !expected.includes('404') && !expected.includes('400 to 499');
}

/** Returns whether a runtime refuses a call with another status than 404. */
export function isOtherThanUnknown({ path, expected, actual }: Difference): boolean {
  return path === '/status' && expected.includes('404') && /^4(?!04)\d\d$/.test(actual);
}

/** Returns whether a runtime answers as if a session of another scope did not exist. */
export function isUnknownScope({ path, expected, actual }: Difference): boolean {
  return /^\/(?:status|errorStatus|refused)$/.test(path) && expected === '403' && actual === '404';
}

/** Returns whether a runtime answered 400 to a request or a stream. */
export function isBadRequest({ actual }: Failure): boolean {
  return memberOf(actual, 'status') === 400 || memberOf(actual, 'refused') === 400;
}

/** Returns whether a tool failed, but its result lacks `isError`. */
export function isHiddenFailure({ path, expected, actual }: Difference): boolean {
  const isExpected = path.endsWith('/result/isError')
    ? expected === 'true'
    : expected.includes('"isError": true');
  return isExpected && !/"isError": ?true/.test(actual);
}

/** Returns whether a claim that the call carried is missing, or all items of a claim that is a list. */
export function isMissingClaim({ path, actual }: Difference): boolean {
  if (/\/text\/[a-z_]+\/0$/.test(path)) return actual === nothing;
  return /\/text\/[a-z_]+$/.test(path) && (actual === 'null' || actual === nothing);
}

/** Returns whether a tool still runs after its call was cancelled. */
export function isStillRunning({ expected, actual }: Difference): boolean {
  return expected.includes('"cancelled"') && actual === '"running"';
}

/** Tests whether a runtime refuses, with this status, a call that the caller may make. */
export function wronglyRefused(status: 401 | 403): FailureTest {
  return ({ expected, actual }) => {
    const isRefused = memberOf(actual, 'status') === status || memberOf(actual, 'refused') === status;
    return isRefused && !JSON.stringify(expected ?? '').includes(`${status}`);
  };
}

/** Returns whether the notification of a change did not arrive, or arrived after a later message. */
export function isUntoldChange({ expected, actual }: Failure): boolean {
  const changed = '"notifications/resources/updated"';
  const isAwaited = JSON.stringify(expected ?? null).includes(changed);
  return isAwaited && !JSON.stringify(actual ?? null).includes(changed);
}

/** Returns whether a tool that asked the caller does not return the answer, as tools of the catalog do. */
export function isAnswerOfCaller({ expected }: Difference): boolean {
  return /"(?:LLM|User) response: /.test(expected);
}

/** Returns whether an answer has the result of a tool whose content is no list. */
export function isContentWithoutList({ actual }: Failure): boolean {
  const messages = memberOf(actual, 'messages');
  const answers = [actual, memberOf(actual, 'message'), ...(Array.isArray(messages) ? messages : [])];
  return answers.some((answer) => {
    const content = memberOf(memberOf(answer, 'result'), 'content');
    return content !== undefined && !Array.isArray(content);
  });
}

/** Returns whether a session received a notification of a change that it did not subscribe to. */
export function isUnwantedChange({ summary, differences, actual }: Failure): boolean {
  const changed = '"notifications/resources/updated"';
  if (summary.includes('`never` forbids')) return JSON.stringify(actual).includes(changed);
  const [difference] = differences;
  return difference?.expected.startsWith('not ') === true && difference.actual.includes(changed);
}

/**
 * Returns whether a text has the same ASCII letters and digits as the expected one, but differs in other characters or
 * in their Unicode form.
 */
export function isOtherText({ expected, actual }: Difference): boolean {
  const isText = expected.startsWith('"') && actual.startsWith('"');
  const haveSameLetters =
    plainLetters(expected) === plainLetters(actual) ||
    plainLetters(expected.normalize('NFKD')) === plainLetters(actual.normalize('NFKD'));
  return isText && expected !== actual && haveSameLetters;
}

function plainLetters(text: string): string {
  return text.replace(/\\u[0-9a-f]{4}|\\.|[^A-Za-z0-9]/g, '');
}

/** Returns whether an answer has a body, but does not state its media type. */
export function isWithoutType({ bytes, headers }: Readonly<Record<string, unknown>>): boolean {
  return Number(bytes) > 0 && isObject(headers) && !('content-type' in headers);
}

/** Returns whether the body of a refusal has no media type, or is a JSON-RPC message without an error. */
export function isMalformedRefusal(observation: Readonly<Record<string, unknown>>): boolean {
  const { status, message } = observation;
  if (!(Number(status) >= 400)) return false;
  return isWithoutType(observation) || (isObject(message) && 'jsonrpc' in message && !('error' in message));
}

/** Returns whether an answer of `Invoke` has another response before the last one. */
export function isAnsweredTwice({ step, actual }: Failure): boolean {
  const messages = memberOf(actual, 'messages');
  return step?.verb === 'invoke' && Array.isArray(messages) && messages.some(isResult);
}

/** Returns whether the response of an answer to `Invoke` is not its last message. */
export function isAnsweredEarly(failure: Failure): boolean {
  return isAnsweredTwice(failure) && !isResult(memberOf(failure.actual, 'message'));
}

function isResult(message: unknown): boolean {
  return 'result' in Object(message) || 'error' in Object(message);
}

/** Returns whether an answer says that the runtime failed, instead of the expected status. */
export function isInternal(path: string, actual: string): boolean {
  if (/^\/(?:status|errorStatus|refused)$/.test(path)) return Number(actual) >= 500;
  return path === '/grpc' && /^"(?:INTERNAL|UNKNOWN)"$/.test(actual);
}

/** Returns whether a call failed, or has no HTTP status, although the runtime must send an MCP answer. */
export function isWithoutAnswer({ differences, actual }: Failure): boolean {
  const [difference] = differences;
  if (difference === undefined) return false;
  const { path, expected } = difference;
  if ((path === '/grpc' && expected === '"OK"') || (path === '/status' && difference.actual === '0'))
    return true;
  const grpc = memberOf(actual, 'grpc');
  return typeof grpc === 'string' && !sentByThisSide.has(grpc) && path !== '/status';
}

/** OK, and the statuses of calls that the kit or a lost connection ended. */
const sentByThisSide: ReadonlySet<string> = new Set(['OK', 'CANCELLED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE']);

/** Returns whether an answer of status 200 has no response although one was expected. */
export function isUnanswered({ differences, actual }: Failure): boolean {
  const isOfStatus = differences.some(({ path }) => /^\/(?:status|bytes|form)$/.test(path));
  const isEmpty = memberOf(actual, 'status') === 200 && memberOf(actual, 'message') === undefined;
  return differences.length > 0 && !isOfStatus && isEmpty;
}

/** Returns whether a message is a JSON-RPC response: it has a version, and its result, if any, is an object. */
export function isResponse(message: Readonly<Record<string, unknown>>): boolean {
  return 'jsonrpc' in message && (!('result' in message) || isObject(message['result']));
}

/** Tests whether an answer is JSON, but no response. */
export function isOtherJson({ message }: Readonly<Record<string, unknown>>): boolean {
  return Array.isArray(message) || (isObject(message) && !isResponse(message));
}

/** Returns whether an answer refuses a request as invalid with a JSON-RPC error, but with status 200. */
export function isRefusedAsInvalid({ status, message }: Readonly<Record<string, unknown>>): boolean {
  return status === 200 && memberOf(memberOf(message, 'error'), 'code') === -32600;
}

/** Returns whether an error has an invalid code. The observer of the traffic also reports those. */
export function hasInvalidCode({ step, summary, actual }: Failure): boolean {
  if (step?.verb === 'traffic') return containsCodeProblem(summary);
  const code = memberOf(memberOf(memberOf(actual, 'message'), 'error'), 'code');
  return typeof code === 'number' && codeProblem(code) !== undefined;
}

/** Returns whether a difference is in the answer to a notification. */
export function isAccepted(path: string, expected: unknown): boolean {
  return /^\/(?:status|bytes)$/.test(path) && memberOf(expected, 'status') === 202;
}

/** Returns a member of a value, or undefined if the value is no object. */
export function memberOf(value: unknown, name: string): unknown {
  return Object(value)[name];
}
