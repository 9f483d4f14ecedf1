import type { Coverage } from '../../case/case.ts';
import { isUnstable } from '../../engine/attempts.ts';
import type { CaseResult, Failure } from '../../engine/result.ts';
import { breaksRule, type GeneralRule } from './general-rule.ts';
import { generalRules } from './general-rules.ts';

type Failed = CaseResult & { readonly outcome: Extract<CaseResult['outcome'], { kind: 'failed' }> };
type Blocked = CaseResult & { readonly outcome: Extract<CaseResult['outcome'], { kind: 'blocked' }> };

/**
 * Returns the results of a run in which each failure has one cause: a general rule that the runtime breaks in the case
 * that checks the rule may explain the same difference in cases of other clauses. Those cases are blocked by that case,
 * because they prove nothing about their clauses until the runtime follows the rule.
 */
export function explainFailures(results: readonly CaseResult[]): readonly CaseResult[] {
  return explainSeenElsewhere(generalRules.reduce(explainBy, namedByContent(results)));
}

/**
 * A case that judges only the answers of other cases proves nothing more if each of those cases failed itself: the
 * first of them blocks it, or the case that explains the first of them.
 */
function explainSeenElsewhere(results: readonly CaseResult[]): readonly CaseResult[] {
  const failures = new Map(results.filter(failsItself).map((result) => [result.case.id, result]));
  return results.map((result) => {
    const seenIn = isFailed(result) ? (result.outcome.failure.seenIn ?? []) : [];
    const cause = failures.get(seenIn[0] ?? '');
    if (!isFailed(result) || cause === undefined) return result;
    const showsItself = seenIn.includes(result.case.id);
    if (showsItself || !seenIn.every((id) => failures.has(id))) return result;
    if (cause.outcome.kind === 'blocked') return blockedBy(result, cause.outcome.by);
    const clause = cause.outcome.failure.clauses[0] ?? cause.case.clauses[0] ?? '';
    return blockedBy(result, { case: cause.case.id, clause });
  });
}

function explainBy(results: readonly CaseResult[], rule: GeneralRule): readonly CaseResult[] {
  const counted = results.filter(isCounted);
  const seen = casesSeenBreaking(rule.clause, counted);
  const broken = counted.filter(({ outcome: { failure }, case: head }) =>
    breaksRule(rule, { failure, head, seen }),
  );
  const proofs = broken
    .filter(isFailed)
    .filter(({ case: { id } }) => rule.provenBy?.includes(id) ?? true)
    .filter(({ outcome }) => outcome.failure.clauses[0] === rule.clause);
  if (proofs.length === 0) return results;
  const others = new Set<CaseResult>(broken);
  for (const proof of proofs) others.delete(proof);
  if (rule.statedElsewhere && !areOfSeveralClauses([...others])) return results;
  return results.map((result) => {
    if (!others.has(result) || !isCounted(result)) return result;
    const proof = proofs.find(({ outcome }) => explains(rule, outcome.failure, result.outcome.failure));
    return proof === undefined ? result : blockedBy(result, { case: proof.case.id, clause: rule.clause });
  });
}

/** Returns the ids of the cases in whose calls the observer of the traffic saw violations of a clause. */
function casesSeenBreaking(clause: string, results: readonly (Failed | Blocked)[]): ReadonlySet<string> {
  const observed = results.filter(isFailed).map(({ outcome }) => outcome.failure);
  return new Set(observed.flatMap(({ clauses, seenIn = [] }) => (clauses[0] === clause ? seenIn : [])));
}

/** Returns whether failures are of several clauses. Those of a single clause may be due to that clause alone. */
function areOfSeveralClauses(failures: readonly CaseResult[]): boolean {
  const clauses = failures.filter(isFailed).map(({ outcome }) => outcome.failure.clauses[0]);
  return new Set(clauses).size > 1;
}

function explains({ sameDifference }: GeneralRule, proof: Failure, failure: Failure): boolean {
  const [one] = proof.differences;
  const [other] = failure.differences;
  return !sameDifference || (one?.path === other?.path && one?.actual === other?.actual);
}

function blockedBy(result: Failed | Blocked, by: Coverage): CaseResult {
  const failure: Failure = {
    ...result.outcome.failure,
    clauses: [],
    isExplained: failsItself(result) ? true : undefined,
  };
  return { ...result, outcome: { kind: 'blocked', failure, by } };
}

/**
 * If bodies that are malformed in the same way occur in cases of several clauses, only the clause about bodies is
 * violated: such a body proves nothing about the other clauses.
 */
function namedByContent(results: readonly CaseResult[]): readonly CaseResult[] {
  const others = new Map<string, Set<string>>();
  for (const result of results.filter(isFailed)) {
    const { named, own } = malformedBody(result.outcome.failure);
    if (named === undefined) continue;
    others.set(named, (others.get(named) ?? new Set()).add(own));
  }
  return results.map((result) => {
    if (!isFailed(result)) return result;
    const { failure } = result.outcome;
    const { named } = malformedBody(failure);
    if (named === undefined || (others.get(named)?.size ?? 0) < 2) return result;
    return { ...result, outcome: { kind: 'failed', failure: { ...failure, clauses: [named] } } };
  });
}

/** Returns the clause that the summary of a malformed body begins with, and the clause that the step checks. */
function malformedBody({ summary, clauses: [main, own = main], differences }: Failure): {
  readonly named?: string;
  readonly own: string;
} {
  const named = /^(?:for .*?: )?([A-Z]+-[1-9]\d*): /.exec(summary)?.[1];
  const isMalformed = differences.length === 0 && named !== undefined && named === main;
  return isMalformed ? { named, own: own ?? named } : { own: own ?? '' };
}

function isCounted(result: CaseResult): result is Failed | Blocked {
  if (result.known !== undefined || isUnstable(result)) return false;
  const { outcome } = result;
  return outcome.kind === 'failed' || (outcome.kind === 'blocked' && outcome.passesAlone !== true);
}

/** Returns whether a step of the case itself failed, with or without an explanation, and not one that prepares it. */
function failsItself(result: CaseResult): result is Failed | Blocked {
  return isFailed(result) || (isCounted(result) && result.outcome.failure.isExplained === true);
}

function isFailed(result: CaseResult): result is Failed {
  return isCounted(result) && result.outcome.kind === 'failed';
}
