import { expect, test } from 'vitest';
import { summaryWithoutClause } from './words.ts';

test.each([
  ['HEAD-1: the header is missing', 'the header is missing'],
  ['for "a: b": HEAD-1: the header is missing', 'for "a: b": the header is missing'],
  ['for "": HEAD-1: the header is missing', 'the header is missing'],
  ['for "": the header is missing', 'the header is missing'],
  ['the header of HEAD-1: is missing', 'the header of HEAD-1: is missing'],
  ['HEAD-12: the header is missing', 'HEAD-12: the header is missing'],
])('the summary %s stands beside its clause as %s', (summary, expected) => {
  expect(summaryWithoutClause(summary, 'HEAD-1')).toBe(expected);
});
