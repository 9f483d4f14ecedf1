import type { Histogram, Percentiles } from '../report.ts';

/** Filled buckets as arrays of the same length, such as those of a thread. */
export interface BucketArrays {
  readonly values: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
}

/** Adds up buckets of histograms with the same precision. */
export function mergeBuckets(all: readonly BucketArrays[]): Histogram {
  const merged = new Map<number, number>();
  for (const { values, counts } of all) {
    for (let index = 0; index < values.length; index += 1) {
      const value = values[index] ?? 0;
      merged.set(value, (merged.get(value) ?? 0) + (counts[index] ?? 0));
    }
  }
  const sorted = [...merged].sort(([one], [other]) => one - other);
  return { valuesUs: sorted.map(([value]) => value), counts: sorted.map(([, count]) => count) };
}

/** Returns the highest latency of a share of all operations, or 0 without operations. @param share from 0 to 1 */
export function percentile({ valuesUs, counts }: Histogram, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    seen += count;
    if (seen >= rank) return valuesUs[index] ?? 0;
  }
  return 0;
}

/** Returns the percentiles of a histogram. The mean and the maximum are exact. */
export function percentilesOf(
  histogram: Histogram,
  { totalUs, maxUs }: { readonly totalUs: number; readonly maxUs: number },
): Percentiles {
  const total = histogram.counts.reduce((sum, count) => sum + count, 0);
  // The highest value of a bucket may exceed the largest recorded one.
  const at = (share: number) => Math.min(percentile(histogram, share), maxUs);
  return {
    mean: total === 0 ? 0 : Math.round(totalUs / total),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: maxUs,
  };
}
