import { expect, test } from 'vitest';
import type { CaseOutcome, CaseResult, RunResult } from '../engine/result.ts';
import { eraInWords, eraSummaries, erasInWords, erasSideBySide } from './era-summary.ts';
import { sampleReport, sampleResults } from './testing/sample-report.ts';

const legacy = ['2025-11-25'];
const modern = ['2026-07-28'];

const violation: CaseOutcome = {
  kind: 'failed',
  failure: { summary: 'it differs', differences: [], clauses: ['MODERN-4'] },
};

function result(id: string, revisions: readonly string[], outcome: CaseOutcome): CaseResult {
  const [sample] = sampleResults;
  if (sample === undefined) throw new Error('the sample is empty');
  const clauses = [revisions === modern ? 'MODERN-4' : 'HEALTH-1'];
  return { ...sample, case: { ...sample.case, id, revisions, clauses }, outcome };
}

/** A run with a case of each era and one of both. */
function run(checked: RunResult['target']['eras']): RunResult {
  const results = [
    result('s/legacy', legacy, { kind: 'passed' }),
    result('s/modern', modern, violation),
    result('s/undeclared', modern, { kind: 'not-declared', capability: 'x' }),
    result('s/both', [...legacy, ...modern], { kind: 'passed' }),
  ];
  const { run: sample } = sampleReport(results);
  return { ...sample, target: { ...sample.target, eras: checked } };
}

test('a case of both eras counts in each', () => {
  const summaries = eraSummaries(
    run({ checked: ['legacy', 'modern'], origin: 'declared', leftOut: 0 }),
    new Map(),
  );
  expect(summaries).toMatchObject([
    {
      era: 'legacy',
      cases: { total: 2, passed: 2, failing: 0 },
      clauses: { checked: 1, held: 1, violated: [] },
    },
    {
      era: 'modern',
      cases: { total: 2, passed: 1, failing: 1 },
      clauses: { checked: 2, held: 1, violated: ['MODERN-4'] },
    },
  ]);
  expect(summaries.map(eraInWords)).toEqual([
    ['2 cases: 2 passed', '1 of 1 clause held'],
    ['2 cases: 1 passed, 1 failed', '1 of 2 clauses held, violated: MODERN-4'],
  ]);
});

test('only eras with cases are shown side by side', () => {
  const whole = run({ checked: ['legacy', 'modern'], origin: 'declared', leftOut: 0 });
  expect(erasSideBySide(whole, new Map()).map(({ era }) => era)).toEqual(['legacy', 'modern']);
  const results = whole.results.filter((each) => each.case.revisions === modern);
  expect(erasSideBySide({ ...whole, results }, new Map())).toEqual([]);
});

test('an era that was not checked has no summary', () => {
  const summaries = eraSummaries(run({ checked: ['legacy'], origin: 'declared', leftOut: 0 }), new Map());
  expect(summaries.map(({ era }) => era)).toEqual(['legacy']);
  expect(eraSummaries(run(undefined), new Map())).toEqual([]);
});

test.each([
  ['legacy', 'declared', undefined],
  ['both', 'default', undefined],
  ['both', 'declared', 'legacy and modern (the target declares both)'],
  ['modern', 'declared', 'modern (the target declares no other); 3 cases of the other era left out'],
  ['legacy', 'requested', 'legacy (requested); 3 cases of the other era left out'],
] as const)('the eras %s, %s, in words: %s', (choice, origin, words) => {
  const checked = choice === 'both' ? (['legacy', 'modern'] as const) : ([choice] as const);
  expect(erasInWords({ checked, origin, leftOut: 3 })).toBe(words);
});
