import type { CaseOutcome, CaseResult } from './result.ts';

/** The outcomes of attempts, from the one that decides the outcome of a repeated case to the one that decides least. */
const rank: readonly CaseOutcome['kind'][] = [
  'failed',
  'blocked',
  'broken',
  'passed',
  'skipped',
  'not-declared',
  'not-run',
];

/**
 * Adds an attempt to the result of a repeated case. A failed attempt decides the outcome, and the first one is the
 * example that reports show. Attempts that did not run change nothing.
 * @param earlier the result of the earlier attempts, or undefined before the first attempt
 */
export function addAttempt(earlier: CaseResult | undefined, attempt: CaseResult): CaseResult {
  const { passed = 0, failed = 0 } = earlier?.attempts ?? {};
  const attempts = {
    passed: passed + (attempt.outcome.kind === 'passed' ? 1 : 0),
    failed: failed + (isFailure(attempt.outcome) ? 1 : 0),
  };
  const decides =
    earlier === undefined || rank.indexOf(attempt.outcome.kind) < rank.indexOf(earlier.outcome.kind);
  const result = decides ? attempt : earlier;
  return attempts.passed + attempts.failed === 0 ? result : { ...result, attempts };
}

function isFailure({ kind }: CaseOutcome): boolean {
  return kind === 'failed' || kind === 'blocked' || kind === 'broken';
}

/** Returns whether a repeated case passed in one attempt, and failed or was blocked in another. */
export function isUnstable({
  outcome,
  attempts,
}: Pick<CaseResult, 'attempts'> & { readonly outcome: Pick<CaseOutcome, 'kind'> }): boolean {
  const isRed = outcome.kind === 'failed' || outcome.kind === 'blocked';
  return isRed && attempts !== undefined && attempts.passed > 0;
}
