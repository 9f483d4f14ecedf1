import type { BenchResult, BenchSettings, Comparison, Metric, Round } from '../report.ts';
import { type Estimate, pairedRatio, unpairedRatio } from './interval.ts';

/** A metric of a round, so that more is worse. Undefined if it was not measured. */
const costs: Readonly<Record<Metric, (round: Round) => number | undefined>> = {
  throughput: ({ operationsPerS }) => (operationsPerS > 0 ? 1 / operationsPerS : undefined),
  p50: ({ p50Us }) => p50Us,
  p99: ({ p99Us }) => p99Us,
  cpu: ({ cpuUsPerOperation }) => cpuUsPerOperation ?? undefined,
};

/** Returns the metrics to compare. In an open loop, the throughput is the requested rate. */
export function metricsOf({ load }: Pick<BenchSettings, 'load'>): readonly Metric[] {
  return load.kind === 'closed' ? ['throughput', 'p50', 'p99', 'cpu'] : ['p50', 'p99', 'cpu'];
}

/** Two results of the same workload. */
export interface ComparedResults {
  readonly baseline: BenchResult;
  readonly variant: BenchResult;
}

/** How to compare results. */
export interface ComparisonRules {
  readonly metrics: readonly Metric[];
  /** The permitted slowdown. 0.1 means 10 %. */
  readonly maxRegression: number;
  /** `paired`: round by round, within one run. `unpaired`: all rounds of one run with all rounds of another. */
  readonly pairing: 'paired' | 'unpaired';
}

/**
 * Compares pairs of results. A pair with too few rounds, or without a metric, has no comparison for it.
 * @returns the comparisons of each pair, in order
 */
export function compareResults(
  pairs: readonly ComparedResults[],
  { metrics, maxRegression, pairing }: ComparisonRules,
): readonly Comparison[] {
  const comparisons = pairs.length * metrics.length;
  return pairs.flatMap(({ baseline, variant }) =>
    metrics.flatMap((metric) => {
      const costOf = costs[metric];
      const one = baseline.rounds.map(costOf);
      const other = variant.rounds.map(costOf);
      const estimate =
        pairing === 'paired'
          ? pairedRatio(pairsOf(one, other), comparisons)
          : unpairedRatio(measured(one), measured(other), comparisons);
      if (estimate === undefined) return [];
      return [
        {
          workload: variant.workload,
          metric,
          baseline: baseline.variant,
          variant: variant.variant,
          slowdown: estimate.value,
          low: estimate.low,
          high: estimate.high,
          outcome: outcomeOf(estimate, maxRegression),
        },
      ];
    }),
  );
}

/** An estimate is a regression only if its interval excludes 0: noise alone does not support it. */
function outcomeOf({ value, low, high }: Estimate, maxRegression: number): Comparison['outcome'] {
  if (low > 0) return value > maxRegression ? 'regression' : 'slower';
  return high < 0 ? 'faster' : 'no-difference';
}

function pairsOf(
  one: readonly (number | undefined)[],
  other: readonly (number | undefined)[],
): readonly (readonly [number, number])[] {
  return one.flatMap((base, index) => {
    const value = other[index];
    return base === undefined || value === undefined ? [] : [[base, value] as const];
  });
}

function measured(values: readonly (number | undefined)[]): readonly number[] {
  return values.filter((value) => value !== undefined);
}
