import { studentT } from './student-t.ts';

/** An estimate with its confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The fewest values that give an interval. A claim needs more than one pass. */
export const minRounds = 3;

/**
 * The share of runs in which all intervals of a comparison contain the true values. The more figures are compared, the
 * wider each interval is (Bonferroni).
 */
export const confidence = 0.95;

/**
 * Estimates how much larger the second value of each pair is than the first, as a factor minus 1. The interval is that
 * of Student's t over the logarithms of the ratios, so drift that affects both values of a pair cancels out.
 * @param comparisons number of figures that the same claim compares
 * @returns undefined with fewer than `minRounds` pairs of positive values
 */
export function pairedRatio(
  pairs: readonly (readonly [base: number, other: number])[],
  comparisons: number,
): Estimate | undefined {
  const logs = pairs.filter(isPositive).map(([base, other]) => Math.log(other / base));
  if (logs.length < minRounds) return undefined;
  const { mean, variance } = momentsOf(logs);
  return estimate(mean, { error: Math.sqrt(variance / logs.length), freedom: logs.length - 1, comparisons });
}

/**
 * Like `pairedRatio` for values that are not paired, such as those of two runs (Welch's t test).
 * @returns undefined with fewer than `minRounds` positive values on either side
 */
export function unpairedRatio(
  base: readonly number[],
  others: readonly number[],
  comparisons: number,
): Estimate | undefined {
  const logsOf = (values: readonly number[]) => values.filter((value) => value > 0).map(Math.log);
  const [one, other] = [logsOf(base), logsOf(others)];
  if (one.length < minRounds || other.length < minRounds) return undefined;
  const [before, after] = [momentsOf(one), momentsOf(other)];
  const shares = [before.variance / one.length, after.variance / other.length] as const;
  const total = shares[0] + shares[1];
  const spread = shares[0] ** 2 / (one.length - 1) + shares[1] ** 2 / (other.length - 1);
  const freedom = spread === 0 ? one.length + other.length - 2 : total ** 2 / spread;
  return estimate(after.mean - before.mean, { error: Math.sqrt(total), freedom, comparisons });
}

function isPositive([base, other]: readonly [number, number]): boolean {
  return base > 0 && other > 0;
}

function momentsOf(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (values.length - 1) };
}

function estimate(
  log: number,
  { error, freedom, comparisons }: Readonly<Record<'error' | 'freedom' | 'comparisons', number>>,
): Estimate {
  const tail = (1 - confidence) / 2 / Math.max(1, comparisons);
  const margin = studentT(1 - tail, freedom) * error;
  return { value: Math.expm1(log), low: Math.expm1(log - margin), high: Math.expm1(log + margin) };
}
