import { describe, expect, test } from 'vitest';
import { linearScale, logScale, percentileScale } from './scale.ts';
import { amount, bytes, latency, percent } from './units.ts';

describe('scales', () => {
  test('a linear axis ends at round numbers', () => {
    const { at, ticks } = linearScale(0, 870, 4);
    expect(ticks).toEqual([0, 500, 1000]);
    expect([at(0), at(500), at(1000), at(2000)]).toEqual([0, 0.5, 1, 1]);
    expect(linearScale(0, 0.3, 3).ticks).toEqual([0, 0.1, 0.2, 0.3]);
  });

  test('a linear axis of equal values still has a length', () => {
    const { at, ticks } = linearScale(0, 0, 4);
    expect(ticks.length).toBeGreaterThan(1);
    expect(at(0)).toBe(0);
    expect(linearScale(5, 5, 4).at(5)).toBeGreaterThanOrEqual(0);
  });

  test('a logarithmic axis has ticks in each decade', () => {
    const { at, ticks } = logScale(80, 20_000);
    expect(ticks).toEqual([100, 300, 1_000, 3_000, 10_000]);
    expect(at(80)).toBe(0);
    expect(at(20_000)).toBeCloseTo(1);
    expect(at(0)).toBe(0);
    expect(logScale(100, 300).ticks).toEqual([100, 200, 300]);
  });

  test('percentiles have equal distances by nines', () => {
    const { at, ticks } = percentileScale(0.999);
    expect(ticks).toEqual([0, 0.5, 0.9, 0.99, 0.999]);
    expect(at(0.9)).toBeCloseTo(1 / 3);
    expect(at(0.99)).toBeCloseTo(2 / 3);
  });
});

test('units are readable', () => {
  expect([latency(87.4), latency(1_254), latency(2_100_000), latency(0)]).toEqual([
    '87.4 µs',
    '1.25 ms',
    '2.1 s',
    '0 µs',
  ]);
  expect([bytes(0), bytes(999), bytes(86_400_000)]).toEqual(['0 B', '999 B', '86.4 MB']);
  expect([amount(12.34), amount(1_234_567.8)]).toEqual(['12.3', '1\u202f234\u202f568']);
  expect([percent(0.153, true), percent(-0.05, true), percent(0.5)]).toEqual(['+15.3 %', '−5 %', '50 %']);
});
