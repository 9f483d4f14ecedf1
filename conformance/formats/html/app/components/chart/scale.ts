/** Maps values to positions along an axis, and chooses its ticks. */
export interface Scale {
  /** Returns a position from 0 to 1. Values outside the domain are moved to its ends. */
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** An axis with equal distances. The domain grows to round numbers. */
export function linearScale(low: number, high: number, wanted: number): Scale {
  const span = high > low ? high - low : Math.max(1, Math.abs(high));
  const step = roundStep(span / Math.max(1, wanted));
  const [start, end] = [Math.floor(low / step) * step, Math.ceil((low + span) / step) * step];
  const count = Math.round((end - start) / step);
  return {
    at: (value) => clamp((value - start) / (end - start)),
    ticks: Array.from({ length: count + 1 }, (_, index) => cleaned(start + index * step)),
  };
}

/** Returns the next larger 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return factor * power;
}

/** An axis with equal ratios, for values above 0. */
export function logScale(low: number, high: number): Scale {
  const start = Math.max(low, Number.MIN_VALUE);
  const [from, to] = [Math.log10(start), Math.log10(Math.max(high, start * 1.01))];
  const decades = to - from;
  const factors = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 3, 5, 7];
  const ticks: number[] = [];
  for (let power = Math.floor(from); power <= to; power += 1) {
    for (const factor of factors) {
      const tick = cleaned(factor * 10 ** power);
      if (tick >= start * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return { at: (value) => clamp((Math.log10(Math.max(value, start)) - from) / (to - from)), ticks };
}

/** An axis for percentiles, from 0 to 1, on which 90, 99 and 99.9 % have equal distances. */
export function percentileScale(highest: number): Scale {
  const distance = (share: number): number => -Math.log10(Math.max(1 - share, 1e-9));
  const end = distance(highest);
  return {
    at: (share) => clamp(distance(share) / end),
    ticks: [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999].filter((share) => distance(share) <= end + 1e-9),
  };
}

/** Removes the error of floating-point sums, so that a tick reads 0.3 and not 0.30000000000000004. */
function cleaned(value: number): number {
  return Number(value.toPrecision(12));
}

function clamp(position: number): number {
  return Math.min(1, Math.max(0, position));
}
