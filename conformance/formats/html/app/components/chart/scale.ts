/** Maps values of an interval to pixels. */
export interface Scale {
  readonly of: (value: number) => number;
  /** Round values for the axis, within the interval. */
  readonly ticks: readonly number[];
}

/** Makes a linear scale that ends at round values. */
export function linearScale(
  [least, most]: readonly [number, number],
  [start, end]: readonly [number, number],
  wanted = 5,
): Scale {
  const step = roundStep((most - least || 1) / wanted);
  const from = Math.floor(least / step) * step;
  const to = Math.max(Math.ceil(most / step) * step, from + step);
  const amount = Math.round((to - from) / step);
  return {
    of: (value) => start + ((value - from) / (to - from)) * (end - start),
    ticks: Array.from({ length: amount + 1 }, (_, index) => Number((from + index * step).toPrecision(12))),
  };
}

/** Returns the smallest of 1, 2 and 5 times a power of ten that is at least as large as a value. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
