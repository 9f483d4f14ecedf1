import { expect, test } from 'vitest';
import { endOfString } from './json-scan.ts';

test.each([
  ['"a" ', 3],
  ['"a\\"b" ', 6],
  ['"a\\\\" ', 5],
  ['"open', 5],
])('the string at the start of %s ends before index %i', (text, end) => {
  expect(endOfString(text, 0)).toBe(end);
});
