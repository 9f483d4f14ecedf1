import { isObject } from './canonical.ts';
import { type MatchContext, type MatchResult, runMatching } from './match.ts';
import { type Attempt, type Matching, PatternError } from './matching.ts';
import { isOperators } from './operators.ts';
import { childPath } from './pointer.ts';

type Members = Readonly<Record<string, unknown>>;

/** What an expectation says where it does not name a gRPC status. */
type GrpcRule =
  /** It has to be there and OK. */
  | 'ok'
  /** It has to be OK if it is there: a stream that is still open has none. */
  | 'ok-if-ended'
  /** Nothing: it is named already, or there is none. */
  | 'free';

/**
 * Compares the observation of a unary call or a health check with the `expect` of its step: the members named have to
 * hold, header fields by lower-case name, `grpc` OK unless it is named, and one alternative of `anyOf`.
 * @throws PatternError, UnknownVariableError
 */
export function matchOutcome(expect: unknown, observation: unknown, context: MatchContext): MatchResult {
  return matchExpectation({ expect, observation, rule: 'ok' }, context);
}

/**
 * Compares the observation of a stream, or of its head, with the `expect` of its step, as `matchOutcome` does.
 * @throws PatternError, UnknownVariableError
 */
export function matchStream(expect: unknown, observation: unknown, context: MatchContext): MatchResult {
  return matchExpectation({ expect, observation, rule: 'ok-if-ended' }, context);
}

/**
 * Compares what has no gRPC status (the end of a process, a socket's file) with the `expect` of its step: the members
 * named have to hold, and one alternative of `anyOf`.
 * @throws PatternError, UnknownVariableError
 */
export function matchMembers(expect: unknown, observation: unknown, context: MatchContext): MatchResult {
  return matchExpectation({ expect, observation, rule: 'free' }, context);
}

function matchExpectation(
  {
    expect,
    observation,
    rule,
  }: { readonly expect: unknown; readonly observation: unknown; readonly rule: GrpcRule },
  context: MatchContext,
): MatchResult {
  if (!isObject(expect)) throw new PatternError('expect takes a mapping');
  const observed = isObject(observation) ? observation : {};
  return runMatching(context, (matching) => compareExpectation(matching, { expect, observed, rule }));
}

function compareExpectation(
  matching: Matching,
  {
    expect,
    observed,
    rule,
  }: { readonly expect: Members; readonly observed: Members; readonly rule: GrpcRule },
): void {
  const { anyOf, grpc, ...members } = expect;
  const remaining = grpc === undefined ? rule : 'free';
  if (grpc !== undefined) compareGrpc(matching, grpc, observed);
  else if (anyOf === undefined && !followsRule(observed, rule))
    matching.compareMember('OK', memberOf(observed, 'grpc'), '/grpc');
  for (const [name, pattern] of Object.entries(members)) {
    if (name === 'headers' && isObject(pattern) && !isOperators(pattern))
      compareHeaders(matching, pattern, observed);
    else matching.compareMember(pattern, memberOf(observed, name), childPath('', name));
  }
  if (anyOf !== undefined) compareAlternatives(matching, { anyOf, observed, rule: remaining });
}

function followsRule(observed: Members, rule: GrpcRule): boolean {
  const grpc = observed['grpc'];
  return rule === 'free' || grpc === 'OK' || (rule === 'ok-if-ended' && grpc === undefined);
}

function compareGrpc(matching: Matching, grpc: unknown, observed: Members): void {
  const pattern = Array.isArray(grpc) ? { $oneOf: grpc } : grpc;
  matching.compareMember(pattern, memberOf(observed, 'grpc'), '/grpc');
}

function compareHeaders(matching: Matching, patterns: Members, observed: Members): void {
  const headers = isObject(observed['headers']) ? observed['headers'] : {};
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), { value }]));
  for (const [name, pattern] of Object.entries(patterns)) {
    matching.compareMember(pattern, byName.get(name.toLowerCase()), childPath('/headers', name));
  }
}

function compareAlternatives(
  matching: Matching,
  parts: { readonly anyOf: unknown; readonly observed: Members; readonly rule: GrpcRule },
): void {
  if (!Array.isArray(parts.anyOf) || parts.anyOf.length === 0) {
    throw new PatternError('anyOf takes a list of outcomes');
  }
  let nearest: Attempt | undefined;
  for (const expect of parts.anyOf) {
    if (!isObject(expect)) throw new PatternError('an alternative of anyOf is a mapping');
    const { observed, rule } = parts;
    const attempt = matching.attempt((trial) => compareExpectation(trial, { expect, observed, rule }));
    if (attempt.holds) {
      matching.adopt(attempt);
      return;
    }
    if (nearest === undefined || attempt.differences.length < nearest.differences.length) nearest = attempt;
  }
  const others = `(or another of the ${parts.anyOf.length} outcomes in anyOf)`;
  for (const { path, expected, actual } of nearest?.differences ?? []) {
    matching.differ(path, `${expected} ${others}`, actual);
  }
}

function memberOf(members: Members, name: string): { readonly value: unknown } | undefined {
  return Object.hasOwn(members, name) ? { value: members[name] } : undefined;
}
