import { describe, expect, test } from 'vitest';
import { pairedRatio, unpairedRatio } from './interval.ts';
import { studentT } from './student-t.ts';

// From tables of Student's t distribution.
test.each([
  [0.975, 1, 12.706],
  [0.975, 5, 2.571],
  [0.975, 9, 2.262],
  [0.995, 9, 3.25],
  [0.9995, 4, 8.61],
  [0.975, 1_000, 1.962],
])('the quantile of t at %d with %d degrees of freedom is %d', (probability, freedom, expected) => {
  expect(studentT(probability, freedom)).toBeCloseTo(expected, expected > 10 ? 2 : 3);
});

/** Deterministic noise with a mean of about 1. */
function noise(count: number, spread: number, seed: number): readonly number[] {
  let state = seed;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return Array.from({ length: count }, () => Math.exp(spread * (next() + next() + next() - 1.5)));
}

describe('an interval of paired ratios', () => {
  test('is exact without noise', () => {
    const pairs = [10, 20, 30].map((base) => [base, base * 1.15] as const);
    const { value, low, high } = pairedRatio(pairs, 1) ?? {};
    for (const each of [value, low, high]) expect(each).toBeCloseTo(0.15, 6);
  });

  test('cancels drift that affects both values of a pair', () => {
    const drift = noise(10, 3, 1);
    const own = noise(10, 0.01, 2);
    const pairs = drift.map((each, index) => [each, each * 1.1 * (own[index] ?? 1)] as const);
    const { low = 0, high = 0 } = pairedRatio(pairs, 1) ?? {};
    expect(low).toBeGreaterThan(0.08);
    expect(high).toBeLessThan(0.12);
    const apart = unpairedRatio(
      pairs.map(([base]) => base),
      pairs.map(([, other]) => other),
      1,
    );
    expect(apart?.low).toBeLessThan(0);
  });

  test('contains the true value in about 95 % of samples', () => {
    const runs = 400;
    let hits = 0;
    for (let run = 0; run < runs; run += 1) {
      const [one, other] = [noise(10, 0.2, 3 * run + 1), noise(10, 0.2, 3 * run + 1_000_003)];
      const { low = 1, high = 1 } =
        pairedRatio(
          one.map((base, index) => [base, other[index] ?? 1]),
          1,
        ) ?? {};
      if (low <= 0 && high >= 0) hits += 1;
    }
    expect(hits / runs).toBeGreaterThan(0.92);
    expect(hits / runs).toBeLessThan(0.98);
  });

  test('is wider if more figures are compared', () => {
    const pairs = noise(10, 0.1, 7).map((each) => [1, each] as const);
    const width = (comparisons: number) => {
      const { low = 0, high = 0 } = pairedRatio(pairs, comparisons) ?? {};
      return high - low;
    };
    expect(width(20)).toBeGreaterThan(1.5 * width(1));
  });

  test.each([
    [[]],
    [[[1, 2]]],
    [
      [
        [1, 2],
        [1, 2],
      ],
    ],
    [
      [
        [1, 2],
        [0, 2],
        [1, 0],
        [1, 2],
      ],
    ],
  ])('does not exist for %j', (pairs) => {
    expect(
      pairedRatio(
        pairs.map(([base = 0, other = 0]) => [base, other] as const),
        1,
      ),
    ).toBeUndefined();
  });
});

test('an interval of unpaired values compares the means, and needs three values on each side', () => {
  const { value = 0, low = 0, high = 0 } = unpairedRatio([10, 11, 9, 10], [20, 22, 18, 20], 1) ?? {};
  expect(value).toBeCloseTo(1, 6);
  expect(low).toBeGreaterThan(0.6);
  expect(high).toBeLessThan(1.4);
  expect(unpairedRatio([1, 1, 1], [2, 2, 2], 1)).toEqual({
    value: expect.closeTo(1),
    low: expect.closeTo(1),
    high: expect.closeTo(1),
  });
  expect(unpairedRatio([1, 2], [1, 2, 3], 1)).toBeUndefined();
});
