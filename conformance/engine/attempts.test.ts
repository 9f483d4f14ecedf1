import { expect, test } from 'vitest';
import { dataCase } from '../testing/data-case.ts';
import { addAttempt, isUnstable } from './attempts.ts';
import type { CaseOutcome, CaseResult } from './result.ts';

const testCase = dataCase('one', []);
const outcomes: Readonly<
  Record<'passed' | 'failed' | 'blocked' | 'broken' | 'skipped' | 'not-run', CaseOutcome>
> = {
  passed: { kind: 'passed' },
  failed: { kind: 'failed', failure: { summary: 'no', differences: [], clauses: ['RPC-1'] } },
  blocked: {
    kind: 'blocked',
    failure: { summary: 'no', differences: [], clauses: [] },
    by: { case: 'suite/other', clause: 'RPC-1' },
  },
  broken: { kind: 'broken', reason: 'a defect' },
  skipped: { kind: 'skipped', reason: 'needs a tool' },
  'not-run': { kind: 'not-run', reason: 'stopped' },
};

/** Returns the result of attempts that start at 1, 2 and so on. */
function repeated(...kinds: readonly (keyof typeof outcomes)[]): CaseResult {
  const attempts = kinds.map((kind, index): CaseResult => {
    const outcome = outcomes[kind];
    return { case: testCase, outcome, startedAt: index + 1, durationMs: 1, wire: [], logs: [] };
  });
  const last = attempts.reduce<CaseResult | undefined>(
    (earlier, next) => addAttempt(earlier, next),
    undefined,
  );
  if (last === undefined) throw new Error('no attempts');
  return last;
}

test.each([
  [['passed', 'passed'], 'passed', 1, { passed: 2, failed: 0 }, false],
  [['failed', 'failed'], 'failed', 1, { passed: 0, failed: 2 }, false],
  [['passed', 'failed', 'failed', 'passed'], 'failed', 2, { passed: 2, failed: 2 }, true],
  [['blocked', 'passed'], 'blocked', 1, { passed: 1, failed: 1 }, true],
  [['blocked', 'failed', 'passed'], 'failed', 2, { passed: 1, failed: 2 }, true],
  [['passed', 'broken'], 'broken', 2, { passed: 1, failed: 1 }, false],
  [['skipped', 'skipped'], 'skipped', 1, undefined, false],
  [['skipped', 'passed'], 'passed', 2, { passed: 1, failed: 0 }, false],
  [['passed', 'not-run'], 'passed', 1, { passed: 1, failed: 0 }, false],
  [['not-run', 'not-run'], 'not-run', 1, undefined, false],
] as const)('%j is %s', (kinds, kind, startedAt, attempts, unstable) => {
  const result = repeated(...kinds);
  expect(result.outcome.kind).toBe(kind);
  expect(result.startedAt).toBe(startedAt);
  expect(result.attempts).toEqual(attempts);
  expect(isUnstable(result)).toBe(unstable);
});
