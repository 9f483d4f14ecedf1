import { describe, expect, test } from 'vitest';
import type { CaseOutcome, CaseResult } from '../engine/result.ts';
import { greenReport, noTargetReport, sampleReport, sampleResults } from '../report/testing/sample-report.ts';
import { type Implementation, type MatrixReport, makeMatrix } from './matrix.ts';
import { sampleMatrix } from './testing/sample-matrix.ts';

const [HEALTHY = fail(), VERSION = fail(), FAILED = fail()] = sampleResults;

function fail(): never {
  throw new Error('the sample is too short');
}

function matrixOf(implementations: readonly Implementation[]): MatrixReport {
  const { clauses, tool } = greenReport();
  return makeMatrix({ tool, level: 'strict', startedAt: 0, durationMs: 1, implementations, clauses });
}

/** Makes a matrix of one case, with one implementation per outcome. */
function outcomes(...given: readonly CaseOutcome[]): MatrixReport {
  return matrixOf(
    given.map((outcome, index) => ({
      name: `i${index}`,
      report: sampleReport([HEALTHY, { ...VERSION, outcome }], {
        settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false },
      }),
    })),
  );
}

function failing(actual: string, path = '/status'): CaseOutcome {
  const differences = [{ path, expected: '404', actual }];
  return { kind: 'failed', failure: { summary: `${path} differs`, differences, clauses: ['HEALTH-1'] } };
}

const passed: CaseOutcome = { kind: 'passed' };

describe('agreement', () => {
  test.each<[string, readonly CaseOutcome[], string]>([
    ['all passed', [passed, passed], 'passed by all'],
    ['one failed', [passed, failing('200')], 'disagreement'],
    ['all failed in the same way', [failing('200'), failing('200')], 'failed by all'],
    ['all failed, with different statuses', [failing('200'), failing('500')], 'disagreement'],
    ['all failed, at different places', [failing('200'), failing('200', '/body')], 'disagreement'],
    [
      'all failed, with different generated values',
      [failing('"9f86d081884c7d65"'), failing('"60303ae22b998861"')],
      'failed by all',
    ],
    ['one was skipped', [passed, { kind: 'skipped', reason: 'x' }], 'uneven'],
    ['one does not declare it', [passed, { kind: 'not-declared', capability: 'resume' }], 'uneven'],
    ['one failed, one was skipped', [failing('1'), { kind: 'skipped', reason: 'x' }], 'failed by all'],
  ])('%s', (_, given, agreement) => {
    expect(outcomes(...given).cases.at(1)?.agreement).toBe(agreement);
  });
});

describe('the verdict', () => {
  test('is green if all implementations are conformant', () => {
    expect(outcomes(passed, passed).verdict).toEqual({
      exitCode: 0,
      sentence: '2 of 2 implementations are conformant at strict: 2 cases, 1 clause',
      green: ['i0', 'i1'],
      red: [],
      undecided: [],
      disagreements: [],
    });
  });

  test('is red if one implementation fails and another could not be tested', () => {
    const { verdict } = matrixOf([
      { name: 'a', report: greenReport() },
      { name: 'b', report: sampleReport([FAILED]) },
      { name: 'c', report: noTargetReport() },
    ]);
    expect(verdict).toMatchObject({ exitCode: 1, green: ['a'], red: ['b'], undecided: ['c'] });
    expect(verdict.sentence).toBe(
      'b fails at strict; no verdict on c; 1 of 3 implementations are conformant at strict',
    );
  });

  test.each<[string, CaseOutcome]>([
    ['is broken', { kind: 'broken', reason: 'x' }],
    ['did not run', { kind: 'not-run', reason: 'x' }],
  ])('is never green if a case %s', (_, outcome) => {
    expect(outcomes(passed, outcome).verdict).toMatchObject({ exitCode: 3, undecided: ['i1'] });
  });

  test('is never green without implementations', () => {
    expect(matrixOf([]).verdict.exitCode).toBe(3);
  });

  test('mentions known failures and skipped cases', () => {
    const known: CaseResult = { ...FAILED, known: { reason: 'x' } };
    const skipped: CaseResult = { ...VERSION, outcome: { kind: 'skipped', reason: 'x' } };
    const settings = { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false } as const;
    const report = sampleReport([HEALTHY, known, skipped], { settings });
    expect(matrixOf([{ name: 'a', report }]).verdict.sentence).toBe(
      '1 of 1 implementations are conformant at strict except for 1 known failure, in the cases that ran (1 skipped): 3 cases, 3 clauses',
    );
  });
});

test('lists the standing of each clause by implementation', () => {
  const { clauseRows } = sampleMatrix();
  expect(clauseRows.map(({ id, standings }) => [id, ...standings])).toEqual([
    ['HEALTH-1', 'held', 'held', undefined],
    ['SESSION-2', 'held', 'violated', undefined],
    ['SESSION-4', 'held', 'not proven', undefined],
  ]);
});

test('keeps wire events only of cases in which the implementations differ', () => {
  const { implementations } = sampleMatrix();
  const kept = implementations.flatMap(({ name, report }) =>
    report.kind === 'run'
      ? report.run.results.map((result) => [name, result.case.id, result.wire.length > 0])
      : [],
  );
  expect(kept).toEqual([
    ['ts', 'health/ok', false],
    ['ts', 'sessions/unknown-session', true],
    ['go', 'health/ok', false],
    ['go', 'sessions/unknown-session', true],
  ]);
});
