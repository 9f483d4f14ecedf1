import type { Coverage } from '../case/case.ts';
import type { CaseResult } from './result.ts';

/**
 * Maximum number of failed cases that run again alone. It exceeds the number of cases, because a target may fail most
 * of them only beside others, for example if it closes every session when a connection ends.
 */
export const maxAlone = 1_000;

/** Number of cases that exceed their time limit alone, after which no further case runs again. */
export const maxAloneTimeouts = 4;

/**
 * Returns whether a failure may be due to the cases that ran concurrently: they left no room for a session, a step
 * failed, or a setup step failed although its own case passed.
 * @param resultOf returns the result of a case so far
 */
export function mayDependOnOthers(
  { outcome, case: { advisory }, known, lackedRoom }: CaseResult,
  resultOf: (id: string) => CaseResult | undefined,
): boolean {
  if (known !== undefined) return false;
  if (lackedRoom) return true;
  if (outcome.kind === 'failed') return advisory !== true;
  return outcome.kind === 'blocked' && resultOf(outcome.by.case)?.outcome.kind === 'passed';
}

/**
 * Returns the result of a case that ended because the target exited while other cases ran too. Any of them may have
 * caused the exit, so the exit proves nothing about the clauses of this case, and the step during which it happened does
 * not matter.
 * @param by the case that checks that the target keeps serving
 */
export function blockedByExit(result: CaseResult, by: Coverage): CaseResult {
  const { outcome, targetExited = 'the target exited' } = result;
  if (outcome.kind !== 'failed' && outcome.kind !== 'blocked') return result;
  const { step: _any, ...failure } = outcome.failure;
  const summary = `${targetExited} while several cases ran`;
  return { ...result, outcome: { kind: 'blocked', failure: { ...failure, summary, clauses: [] }, by } };
}

/**
 * Returns the result of a case that failed beside others and then ran alone. If it fails alone as well, that failure is
 * the better evidence, because nothing else disturbed it, unless it only shows that the target kept the sessions of
 * earlier cases. If it passes alone, the other cases caused the failure, which then proves nothing about the clauses of
 * the failed step. A target may have a limit on sessions (SESSION-10), so only the result alone counts for a case that
 * found no room for its session.
 * @param by the case that checks that concurrent calls are independent
 */
export function settle(beside: CaseResult, alone: CaseResult, by: Coverage): CaseResult {
  const { outcome } = beside;
  if (alone.outcome.kind === 'failed' || alone.outcome.kind === 'blocked') {
    const showsLess = alone.lackedRoom && !beside.lackedRoom && outcome.kind === 'failed';
    return showsLess ? beside : alone;
  }
  if (alone.outcome.kind !== 'passed') return beside;
  if (beside.lackedRoom) return alone;
  if (outcome.kind !== 'failed' && outcome.kind !== 'blocked') return beside;
  const summary = `passes alone, but not beside other cases: ${outcome.failure.summary}`;
  const failure = { ...outcome.failure, summary, clauses: [] };
  return { ...beside, outcome: { kind: 'blocked', failure, by, passesAlone: true } };
}
