import type { CaseHead } from '../../case/case.ts';
import type { Failure } from '../../engine/result.ts';
import { isObject } from '../../match/canonical.ts';
import type { Difference } from '../../match/diff.ts';

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

/** Returns whether `InvokeStream` did not carry out the request that it carried. */
export function isNotStreamed(failure: Failure, head: Head): boolean {
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

/** Returns whether a step waited in vain for an event of a stream, or a stream has data but no events. */
export function isWithoutEvents(failure: Failure, head: Head): boolean {
  const { differences, actual } = failure;
  const events = memberOf(actual, 'events');
  const isEmpty = Array.isArray(events) && events.length === 0 && Number(memberOf(actual, 'bytes')) > 0;
  return isOfStream(failure, head) && (differences.length === 0 || isEmpty);
}

/** Returns whether the answer to a request that `InvokeStream` carried has another status than expected. */
export function isOtherStatusOfStream(failure: Failure, head: Head): boolean {
  return (
    isOfStream(failure, head) && /^\/(?:status|refused|errorStatus)$/.test(failure.differences[0]?.path ?? '')
  );
}

/** Returns whether a session that should exist no longer exists. */
export function isLostSession({ path, expected, actual }: Difference): boolean {
  return (
    path === '/status' && actual === '404' && !expected.includes('404') && !expected.includes('400 to 499')
  );
}

/** Returns whether a runtime answers as if a session of another scope did not exist. */
export function isUnknownScope({ path, expected, actual }: Difference): boolean {
  return /^\/(?:status|errorStatus|refused)$/.test(path) && expected === '403' && actual === '404';
}

/** Returns whether a text has the same ASCII letters and digits as the expected one, but differs in other characters. */
export function isOtherText({ expected, actual }: Difference): boolean {
  const isText = expected.startsWith('"') && actual.startsWith('"');
  return isText && expected !== actual && plainLetters(expected) === plainLetters(actual);
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
  if (step?.verb !== 'invoke' || !Array.isArray(messages)) return false;
  return messages.some((message) => 'result' in Object(message) || 'error' in Object(message));
}

/** Returns whether an answer says that the runtime failed, instead of the expected status. */
export function isInternal(path: string, actual: string): boolean {
  if (/^\/(?:status|errorStatus|refused)$/.test(path)) return Number(actual) >= 500;
  return path === '/grpc' && /^"(?:INTERNAL|UNKNOWN)"$/.test(actual);
}

/** Returns whether a call has no HTTP status although the runtime owes an answer of MCP. */
export function isNoAnswer({ path, expected, actual }: Difference): boolean {
  return (path === '/grpc' && expected === '"OK"') || (path === '/status' && actual === '0');
}

/** Returns whether a difference is in the answer to a notification. */
export function isAccepted(path: string, expected: unknown): boolean {
  return /^\/(?:status|bytes)$/.test(path) && memberOf(expected, 'status') === 202;
}

function memberOf(value: unknown, name: string): unknown {
  return Object(value)[name];
}
