import type { Failure } from '../../engine/result.ts';
import { isObject } from '../../match/canonical.ts';
import { invalidResponse } from '../../wire/http/response-parser.ts';
import { type FailureTest, memberOf } from './failure-tests.ts';
import type { GeneralRule } from './general-rule.ts';

/** The general rules about answers over HTTP. */
export const httpRules: readonly GeneralRule[] = [
  { clause: 'HTTP-5', isBroken: isInvalidHttp },
  { clause: 'HTTP-5', isBroken: isRefusalAsSuccess, statedElsewhere: true },
  { clause: 'HTTP-6', provenBy: ['http-answers/end-of-a-stream'], isBroken: isCutOff },
  {
    clause: 'HTTP-3',
    provenBy: ['http-requests/calls-by-method'],
    isBroken: isOtherStatusOfClose('HTTP-3'),
    sameDifference: true,
    statedElsewhere: true,
  },
];

/** Returns whether the bytes of an answer are not an HTTP/1.1 response. */
function isInvalidHttp({ summary }: Failure): boolean {
  return summary.includes(invalidResponse);
}

/** Returns whether a refusal has the status 200. */
function isRefusalAsSuccess({ expected, actual }: Failure): boolean {
  const mayRefuse = /\b4\d\d\b|"INVALID_ARGUMENT"/.test(JSON.stringify(expected ?? null));
  return mayRefuse && memberOf(actual, 'status') === 200 && isOverHttp(actual) && hasErrorBody(actual);
}

/** Returns whether the body of an answer is an error. Answers to `InvokeStream` have only the size of a body in JSON. */
function hasErrorBody(actual: unknown): boolean {
  if (isObject(memberOf(memberOf(actual, 'message'), 'error'))) return true;
  const [messages, headers] = [memberOf(actual, 'messages'), memberOf(actual, 'headers')];
  const isJson = memberOf(headers, 'content-type') === 'application/json';
  return isJson && Number(memberOf(actual, 'bytes')) > 0 && Array.isArray(messages) && messages.length === 0;
}

/** Returns whether a connection ended before the answer was complete. */
function isCutOff({ actual }: Failure): boolean {
  return isOverHttp(actual) && memberOf(actual, 'grpc') === 'UNAVAILABLE';
}

function isOverHttp(actual: unknown): boolean {
  return memberOf(actual, 'transport') === 'http';
}

/** Tests whether `CloseSession` has an unexpected status. @param clause the clause that states how it is called */
function isOtherStatusOfClose(clause: string): FailureTest {
  return ({ step, clauses: [main], differences: [difference] }) =>
    difference?.path === '/status' && (step?.verb === 'closeSession' || main === clause);
}
