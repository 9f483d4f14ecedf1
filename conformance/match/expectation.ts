import { isObject, memberOf } from './canonical.ts';
import { readingsOf } from './http-readings.ts';
import { type MatchContext, type MatchResult, runMatching } from './match.ts';
import { type Attempt, type Matcher, PatternError } from './matcher.ts';
import { isOperators } from './operators.ts';
import { childPath } from './pointer.ts';

/**
 * The expectation of the gRPC status if `expect` does not state one. `ok`: the status is OK. `ok-if-ended`: the status
 * is OK, or missing in an open stream. `free`: any status, because an outer expectation states it or the observation
 * has no status.
 */
type GrpcRule = 'ok' | 'ok-if-ended' | 'free';

type Compare = (expect: unknown, observation: unknown, context: MatchContext) => MatchResult;

/**
 * Compares the observation of a unary call or a health check with the `expect` of its step. Every member of `expect`
 * must match, and one alternative of `anyOf`. Header names ignore case, and `grpc` defaults to OK.
 * @throws PatternError, UnknownVariableError
 */
export const matchOutcome: Compare = comparing('ok');

/**
 * Compares the observation of a stream or of its head with the `expect` of its step, like `matchOutcome`.
 * @throws PatternError, UnknownVariableError
 */
export const matchStream: Compare = comparing('ok-if-ended');

/**
 * Compares an observation without gRPC status (a process exit, a socket file) with the `expect` of its step. Every
 * member of `expect` must match, and one alternative of `anyOf`.
 * @throws PatternError, UnknownVariableError
 */
export const matchMembers: Compare = comparing('free');

function comparing(rule: GrpcRule): Compare {
  return (expect, observation, context) => {
    if (!isObject(expect)) throw new PatternError('expect must be a mapping');
    const [whole, ...others] = readingsOf(observation).map(
      (reading) => () =>
        runMatching(context, (matcher) => compareExpectation(matcher, expect, reading, rule)),
    );
    const result = whole?.() ?? { differences: [], saved: new Map() };
    if (result.differences.length === 0) return result;
    for (const other of others) {
      const read = other();
      if (read.differences.length === 0) return read;
    }
    return result;
  };
}

function compareExpectation(
  matcher: Matcher,
  expect: Readonly<Record<string, unknown>>,
  observation: unknown,
  rule: GrpcRule,
): void {
  const { anyOf, grpc, ...members } = expect;
  const compareMember = (name: string, pattern: unknown) =>
    matcher.compareMember(pattern, memberOf(observation, name), childPath('', name));
  if (grpc !== undefined) compareMember('grpc', Array.isArray(grpc) ? { $oneOf: grpc } : grpc);
  else if (anyOf === undefined && !followsRule(observation, rule)) compareMember('grpc', 'OK');
  for (const [name, pattern] of Object.entries(members)) {
    if (name === 'headers' && isObject(pattern) && !isOperators(pattern)) {
      compareHeaders(matcher, pattern, observation);
    } else compareMember(name, pattern);
  }
  if (anyOf !== undefined)
    compareAlternatives(matcher, anyOf, observation, grpc === undefined ? rule : 'free');
}

function followsRule(observation: unknown, rule: GrpcRule): boolean {
  const grpc = memberOf(observation, 'grpc')?.value;
  return rule === 'free' || grpc === 'OK' || (rule === 'ok-if-ended' && grpc === undefined);
}

function compareHeaders(
  matcher: Matcher,
  patterns: Readonly<Record<string, unknown>>,
  observation: unknown,
): void {
  const observed = memberOf(observation, 'headers')?.value;
  const headers = Object.entries(isObject(observed) ? observed : {});
  const byName = new Map(headers.map(([name, value]) => [name.toLowerCase(), { value }]));
  for (const [name, pattern] of Object.entries(patterns)) {
    matcher.compareMember(pattern, byName.get(name.toLowerCase()), childPath('/headers', name));
  }
}

function compareAlternatives(matcher: Matcher, anyOf: unknown, observation: unknown, rule: GrpcRule): void {
  if (!Array.isArray(anyOf) || anyOf.length === 0)
    throw new PatternError('anyOf must be a non-empty list of outcomes');
  let nearest: Attempt | undefined;
  for (const expect of anyOf) {
    if (!isObject(expect)) throw new PatternError('every alternative of anyOf must be a mapping');
    const attempt = matcher.attempt((trial) => compareExpectation(trial, expect, observation, rule));
    if (attempt.holds) {
      matcher.adopt(attempt);
      return;
    }
    if (nearest === undefined || attempt.differences.length < nearest.differences.length) nearest = attempt;
  }
  const others = `(or another of the ${anyOf.length} outcomes in anyOf)`;
  for (const { path, expected, actual } of nearest?.differences ?? []) {
    matcher.addDifference(path, `${expected} ${others}`, actual);
  }
}
