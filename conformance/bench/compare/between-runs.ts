import { isDeepStrictEqual } from 'node:util';
import type { BenchResult, Comparison } from '../report.ts';
import type { ReadBench } from './read-report.ts';
import { compareResults, metricsOf } from './slowdown.ts';

/** The differences between two runs. */
export interface RunComparison {
  readonly comparisons: readonly Comparison[];
  /** Reasons to doubt the differences, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Compares the results of two runs by workload and variant. If each run has a single variant, the names of the variants
 * do not matter.
 */
export function compareRuns(before: ReadBench, after: ReadBench, maxRegression: number): RunComparison {
  const areSingle = before.variants.length === 1 && after.variants.length === 1;
  const isSame = (one: BenchResult, other: BenchResult) =>
    one.workload === other.workload && (areSingle || one.variant === other.variant);
  const pairs = after.results.flatMap((variant) => {
    const baseline = before.results.find((result) => isSame(result, variant));
    return baseline === undefined ? [] : [{ baseline, variant }];
  });
  const rules = { metrics: metricsOf(after.settings), maxRegression, pairing: 'unpaired' as const };
  const comparisons = compareResults(pairs, rules);
  return {
    comparisons,
    warnings: [...differencesOf(before, after), ...unmatched(before, after, pairs.length)],
  };
}

function differencesOf(before: ReadBench, after: ReadBench): readonly string[] {
  const { maxRegression: _, ...settings } = before.settings;
  const { maxRegression: __, ...others } = after.settings;
  const changed = Object.entries(settings)
    .filter(([name, value]) => !isDeepStrictEqual(value, others[name as keyof typeof others]))
    .map(([name]) => name);
  return [
    ...(isDeepStrictEqual(before.machine, after.machine)
      ? []
      : [
          'the runs are of different machines, or of different versions of Node, which may cause the differences',
        ]),
    ...(changed.length > 0 ? [`the runs have different settings: ${changed.join(', ')}`] : []),
  ];
}

function unmatched(before: ReadBench, after: ReadBench, matched: number): readonly string[] {
  const left = before.results.length + after.results.length - 2 * matched;
  if (left === 0) return [];
  return [`${left === 1 ? 'one result occurs' : `${left} results occur`} in only one of the runs`];
}
