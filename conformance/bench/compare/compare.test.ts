import { describe, expect, test } from 'vitest';
import type { BenchResult, Round } from '../report.ts';
import { sampleBench, sampleResult } from '../testing/sample-bench.ts';
import { compareRuns } from './between-runs.ts';
import { comparisonText } from './comparison-text.ts';
import { compareVariants } from './within-run.ts';

const base: readonly Round[] = [1, 1.02, 0.98, 1.01, 0.99, 1].map((drift) => ({
  operationsPerS: 1_000 / drift,
  errors: 0,
  p50Us: 1_000 * drift,
  p99Us: 2_000 * drift,
  cpuUsPerOperation: 500 * drift,
}));

/** A result that is slower than the base by a factor, with a little noise. */
function slower(factor: number, given: Partial<BenchResult> = {}): BenchResult {
  const rounds = base.map((round, index) => {
    const own = factor * (1 + 0.002 * (index % 3));
    return {
      ...round,
      operationsPerS: round.operationsPerS / own,
      p50Us: round.p50Us * own,
      p99Us: round.p99Us * own,
      cpuUsPerOperation: (round.cpuUsPerOperation ?? 0) * own,
    };
  });
  return sampleResult({ variant: 'new', rounds, ...given });
}

const { settings } = sampleBench();

function outcomes(result: BenchResult, changed: Partial<typeof settings> = {}) {
  const results = [sampleResult({ rounds: base }), result];
  return compareVariants({ results, settings: { ...settings, ...changed } }, 'old').map(
    ({ metric, outcome }) => `${metric} ${outcome}`,
  );
}

describe('a variant of the same run', () => {
  test('that is 15 % slower is a regression in every figure', () => {
    const all = ['throughput regression', 'p50 regression', 'p99 regression', 'cpu regression'];
    expect(outcomes(slower(1.15))).toEqual(all);
  });

  test('that is 2 % slower is slower, but not a regression', () => {
    expect(outcomes(slower(1.02))).toEqual(['throughput slower', 'p50 slower', 'p99 slower', 'cpu slower']);
  });

  test('that is faster is faster', () => {
    expect(outcomes(slower(0.8))).toContain('throughput faster');
  });

  test('that differs only by chance has no clear difference', () => {
    const rounds = base.toReversed();
    expect(outcomes(slower(1, { rounds }))).toEqual(
      ['throughput', 'p50', 'p99', 'cpu'].map((metric) => `${metric} no-difference`),
    );
  });

  test('is a regression only beyond the permitted slowdown', () => {
    expect(outcomes(slower(1.15), { maxRegression: 0.2 })).toContain('p50 slower');
  });

  test('is not compared by missing figures, nor by the throughput of an open loop', () => {
    const rounds = base.map((round) => ({ ...round, cpuUsPerOperation: null }));
    expect(outcomes(slower(1, { rounds })).map((each) => each.split(' ')[0])).toEqual([
      'throughput',
      'p50',
      'p99',
    ]);
    const load = { kind: 'open', ratePerS: 10, users: 5 } as const;
    expect(outcomes(slower(1), { load }).map((each) => each.split(' ')[0])).toEqual(['p50', 'p99', 'cpu']);
  });

  test('is not compared after a single pass', () => {
    expect(outcomes(slower(2, { rounds: base.slice(0, 1) }))).toEqual([]);
  });
});

describe('two runs', () => {
  const before = sampleBench({ variants: [], results: [sampleResult({ rounds: base })] });
  const single = (result: BenchResult, given = {}) =>
    sampleBench({ variants: sampleBench().variants.slice(0, 1), results: [result], ...given });

  test('with one variant each are compared regardless of the names', () => {
    const old = single(sampleResult({ variant: 'a', rounds: base }));
    const { comparisons, warnings } = compareRuns(old, single(slower(1.3, { variant: 'b' })), 0.1);
    expect(comparisons.map(({ outcome }) => outcome)).toEqual(Array(4).fill('regression'));
    expect(warnings).toEqual([]);
  });

  test('of different machines or settings cause warnings', () => {
    const machine = { ...before.machine, cpu: 'Other' };
    const after = single(slower(1), { machine, settings: { ...settings, warmUpMs: 1 } });
    const { warnings } = compareRuns(single(sampleResult({ rounds: base })), after, 0.1);
    expect(warnings).toEqual([
      expect.stringContaining('different machines'),
      'the runs have different settings: warmUpMs',
    ]);
  });

  test('without a common workload have no comparisons', () => {
    const old = single(sampleResult({ rounds: base, workload: 'list' }));
    const { comparisons, warnings } = compareRuns(old, single(slower(1)), 0.1);
    expect(comparisons).toEqual([]);
    expect(warnings).toEqual(['2 results occur in only one of the runs']);
  });
});

test('a comparison in words shows the factor between the figures', () => {
  const shared = { workload: 'list', baseline: 'old', variant: 'new', low: 0.1, high: 0.25 } as const;
  const say = (
    metric: 'p50' | 'throughput',
    outcome: 'regression' | 'no-difference',
    low = 0.1,
    high = 0.25,
  ) => comparisonText({ ...shared, metric, outcome, slowdown: 0.15, low, high });
  expect(say('p50', 'regression')).toBe(
    'list        p50         new 1.15x of old (1.10x to 1.25x)  a regression',
  );
  expect(say('throughput', 'regression')).toBe(
    'list        throughput  new 0.87x of old (0.80x to 0.91x)  a regression',
  );
  expect(say('p50', 'no-difference', -0.999, 900)).toBe(
    'list        p50         new 1.15x of old, too noisy to tell',
  );
});
