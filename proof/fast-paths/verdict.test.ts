import { expect, test } from 'vitest';
import type { FastPath } from './fast-path.ts';
import { verdictOf, verdictRow } from './verdict.ts';

const path: FastPath = {
  name: 'p',
  about: 'a product against a floor',
  bar: 2,
  start: () => Promise.reject(new Error('not started')),
};
const costs = [
  { productUs: 190, floorUs: 100 },
  { productUs: 400, floorUs: 200 },
  { productUs: 630, floorUs: 300 },
];

test('the ratio comes from the rounds, regardless of the speed of the machine in each of them', () => {
  const { ratio, low, high, productUs, floorUs } = verdictOf(path, costs);
  expect(ratio).toBeCloseTo((1.9 * 2 * 2.1) ** (1 / 3), 6);
  expect([low < ratio, ratio < high]).toEqual([true, true]);
  expect([Math.round(productUs), floorUs]).toEqual([407, 200]);
});

test('a path misses its bar if the ratio exceeds it', () => {
  const dearer = costs.map(({ productUs, floorUs }) => ({ productUs: productUs * 1.1, floorUs }));
  expect(verdictRow(verdictOf(path, costs)).at(-1)).toBe('ok');
  expect(verdictRow(verdictOf(path, dearer)).at(-1)).toBe('missed');
});

test('two rounds give no interval', () => {
  expect(() => verdictOf(path, costs.slice(0, 2))).toThrow('too few rounds');
});
