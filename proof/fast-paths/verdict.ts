import { pairedRatio } from '../../conformance/bench/compare/interval.ts';
import type { FastPath } from './fast-path.ts';
import type { RoundCost } from './measure-path.ts';

/** The measured ratio of a path and its bar. */
export interface PathVerdict {
  readonly path: string;
  /** Mean processor time per call in microseconds. */
  readonly productUs: number;
  readonly floorUs: number;
  /** The ratio of product to floor, with its 95 % confidence interval. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly bar: number;
  readonly isMet: boolean;
}

/** The columns of `verdictRow`. */
export const verdictHead = ['path', 'µs per call', 'floor µs per call', 'ratio', '95 % interval', 'bar', ''];

/**
 * Compares the costs of a path with its bar. The ratio is the geometric mean of the ratios of all rounds.
 * @throws RangeError with too few rounds for an interval
 */
export function verdictOf({ name, bar }: FastPath, costs: readonly RoundCost[]): PathVerdict {
  const estimate = pairedRatio(
    costs.map(({ productUs, floorUs }) => [floorUs, productUs]),
    1,
  );
  if (estimate === undefined) throw new RangeError(`${name}: too few rounds for an interval`);
  const ratio = estimate.value + 1;
  return {
    path: name,
    productUs: mean(costs.map(({ productUs }) => productUs)),
    floorUs: mean(costs.map(({ floorUs }) => floorUs)),
    ratio,
    low: estimate.low + 1,
    high: estimate.high + 1,
    bar,
    isMet: ratio <= bar,
  };
}

/** Returns the cells of a verdict. */
export function verdictRow(verdict: PathVerdict): readonly string[] {
  const { path, productUs, floorUs, ratio, low, high, bar, isMet } = verdict;
  const interval = `${low.toFixed(2)} to ${high.toFixed(2)}`;
  const outcome = isMet ? 'ok' : 'missed';
  return [
    path,
    productUs.toFixed(1),
    floorUs.toFixed(1),
    ratio.toFixed(2),
    interval,
    bar.toFixed(1),
    outcome,
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
