import type { Coverage } from '../../case/case.ts';
import { isUnstable } from '../../engine/attempts.ts';
import type { CaseResult, Failure } from '../../engine/result.ts';
import { breaksRule, type GeneralRule, generalRules } from './general-rules.ts';

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
 * A case that judges the answers of other cases proves nothing more if each of those cases failed itself: the first of
 * them blocks it.
 */
function explainSeenElsewhere(results: readonly CaseResult[]): readonly CaseResult[] {
  const failed = new Map(results.filter(isFailed).map((result) => [result.case.id, result]));
  return results.map((result) => {
    const seenIn = isFailed(result) ? result.outcome.failure.seenIn : undefined;
    const [first] = seenIn ?? [];
    const cause = first === undefined ? undefined : failed.get(first);
    if (!isFailed(result) || cause === undefined || !seenIn?.every((id) => failed.has(id))) return result;
    const clause = cause.outcome.failure.clauses[0] ?? cause.case.clauses[0] ?? '';
    return blockedBy(result, { case: cause.case.id, clause });
  });
}

function explainBy(results: readonly CaseResult[], rule: GeneralRule): readonly CaseResult[] {
  const broken = results
    .filter(isCounted)
    .filter(({ outcome, case: head }) => breaksRule(rule, outcome.failure, head));
  const proofs = broken
    .filter(isFailed)
    .filter(({ case: { id } }) => rule.provenBy === undefined || rule.provenBy === id)
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
  const failure: Failure = { ...result.outcome.failure, clauses: [] };
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

function isFailed(result: CaseResult): result is Failed {
  return isCounted(result) && result.outcome.kind === 'failed';
}
