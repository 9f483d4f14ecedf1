import type { BenchComparisonJson, BenchReportJson, BenchResultJson } from '../../../data/bench.ts';
import type { Line } from '../../components/chart/line-chart.tsx';

/** The results of one workload. */
export interface Workload {
  readonly name: string;
  readonly results: readonly BenchResultJson[];
  readonly comparisons: readonly BenchComparisonJson[];
}

/** Groups the results by workload, in the order of the report. */
export function workloadsOf({ results, comparisons }: BenchReportJson): readonly Workload[] {
  return [...new Set(results.map(({ workload }) => workload))].map((name) => ({
    name,
    results: results.filter(({ workload }) => workload === name),
    comparisons: comparisons.filter(({ workload }) => workload === name),
  }));
}

/** Number of bars of a histogram per factor of ten. */
const binsPerDecade = 24;

/**
 * Returns the distribution of latencies: the share of all operations in ranges of equal ratio. The buckets of the
 * report are narrower than a picture can show.
 */
export function distribution({ variant, histogram }: BenchResultJson): Line {
  const { valuesUs, counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const bins = new Map<number, number>();
  for (const [index, value] of valuesUs.entries()) {
    const bin = Math.floor(Math.log10(Math.max(value, 0.001)) * binsPerDecade);
    bins.set(bin, (bins.get(bin) ?? 0) + (counts[index] ?? 0));
  }
  const filled = [...bins.keys()];
  const [first, last] = [Math.min(...filled), Math.max(...filled)];
  const points = filled.length === 0 ? [] : rangeOf(first - 1, last + 1);
  return {
    name: variant,
    points: points.map((bin) => ({
      x: 10 ** ((bin + 0.5) / binsPerDecade),
      y: total === 0 ? 0 : (bins.get(bin) ?? 0) / total,
    })),
  };
}

function rangeOf(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The shares at which the curve of percentiles has a point: more of them towards 100 %. */
const shares = Array.from({ length: 120 }, (_, index) => 1 - 10 ** (-index / 20));

/** Returns the latency by percentile, up to the share that the number of operations supports. */
export function percentileCurve({ variant, histogram }: BenchResultJson): Line {
  const { valuesUs, counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const highest = highestShare(total);
  let [passed, bucket] = [0, 0];
  const points = shares
    .filter((share) => share <= highest)
    .map((share) => {
      while (bucket < counts.length - 1 && passed + (counts[bucket] ?? 0) < share * total) {
        passed += counts[bucket] ?? 0;
        bucket += 1;
      }
      return { x: share, y: valuesUs[bucket] };
    });
  return { name: variant, points };
}

/** Returns the highest percentile that a number of operations supports: ten of them must lie above it. */
export function highestShare(operations: number): number {
  return operations < 20 ? 0.5 : 1 - 10 / operations;
}

/** Returns the course of a figure. Pauses, in which other variants ran, interrupt the line. */
export function courseOf(
  { variant, series }: BenchResultJson,
  figure: (index: number) => number | null | undefined,
): Line {
  const { startMs, lengthMs } = series;
  const points = startMs.flatMap((start, index) => {
    const end = start + (lengthMs[index] ?? 0);
    const next = startMs[index + 1];
    const point = { x: end, y: figure(index) ?? undefined };
    const pauses = next !== undefined && next - end > (lengthMs[index] ?? 0) / 2;
    return pauses ? [point, { x: end + 1, y: undefined }] : [point];
  });
  return { name: variant, points };
}

/** Returns the completed operations per second in each interval. */
export function throughput(result: BenchResultJson): Line {
  const { operations, lengthMs } = result.series;
  return courseOf(result, (index) => ((operations[index] ?? 0) * 1_000) / (lengthMs[index] || 1));
}

/** Returns the resident memory of the target at the end of each interval. */
export function memory(result: BenchResultJson): Line {
  return courseOf(result, (index) => result.series.rssBytes[index]);
}

/** Returns the lowest and the highest value of lines along an axis, or undefined if they have no values. */
export function extentOf(
  lines: readonly Line[],
  of: (point: Line['points'][number]) => number | undefined,
): readonly [low: number, high: number] | undefined {
  const values = lines.flatMap(({ points }) => points.flatMap((point) => of(point) ?? []));
  return values.length === 0 ? undefined : [Math.min(...values), Math.max(...values)];
}
