import { expect, test } from 'vitest';
import { boundValue } from './bounds.ts';

test('returns a small value unchanged', () => {
  const value = { a: [1, 'b', null, true], c: { d: -1.5 } };
  expect(boundValue(value)).toEqual(value);
});

test('converts values that JSON cannot represent', () => {
  const value = {
    big: 12345678901234567890n,
    nan: Number.NaN,
    bytes: new Uint8Array([1, 2, 3]),
    map: new Map([['k', 1]]),
    gone: undefined,
    exact: { isLosslessNumber: true, value: '9007199254740993' },
    plain: { isLosslessNumber: true, value: '7' },
  };
  expect(boundValue(value)).toEqual({
    big: '12345678901234567890',
    nan: 'NaN',
    bytes: '3 bytes, base64 AQID',
    map: { k: 1 },
    exact: '9007199254740993',
    plain: 7,
  });
});

test('notes every omission', () => {
  const limits = { string: 5, items: 2, depth: 2, total: 100 };
  expect(boundValue('abcdefgh', limits)).toBe('abcde… (3 more characters)');
  expect(boundValue([1, 2, 3, 4], limits)).toEqual([1, 2, '… (2 more items)']);
  expect(boundValue({ a: 1, b: 2, c: 3 }, limits)).toEqual({ a: 1, b: 2, '…': '1 more member' });
  expect(boundValue([[[1]]], limits)).toEqual([['… (left out)']]);
});

test('marks a cycle', () => {
  const value: Record<string, unknown> = { a: 1 };
  value['self'] = value;
  expect(boundValue(value)).toEqual({ a: 1, self: '… (circular)' });
});

test('bounds the total size of a nested value', () => {
  const wide = (depth: number): unknown =>
    depth === 0 ? 'x'.repeat(100) : Array.from({ length: 20 }, () => wide(depth - 1));
  expect(JSON.stringify(boundValue(wide(4))).length).toBeLessThan(40_000);
});
