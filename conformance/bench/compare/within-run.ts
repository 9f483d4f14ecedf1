import type { BenchReport, Comparison } from '../report.ts';
import { compareResults, metricsOf } from './slowdown.ts';

/** Compares the variants of one run with the baseline, round by round. @param baseline the name of a variant */
export function compareVariants(
  { results, settings }: Pick<BenchReport, 'results' | 'settings'>,
  baseline: string,
): readonly Comparison[] {
  const bases = new Map(
    results.filter(({ variant }) => variant === baseline).map((result) => [result.workload, result]),
  );
  const pairs = results.flatMap((variant) => {
    const base = bases.get(variant.workload);
    return base === undefined || base === variant ? [] : [{ baseline: base, variant }];
  });
  const { maxRegression } = settings;
  return compareResults(pairs, { metrics: metricsOf(settings), maxRegression, pairing: 'paired' });
}
