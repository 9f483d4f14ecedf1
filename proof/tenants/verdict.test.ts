import { expect, test } from 'vitest';
import type { Measured } from './honest-caller.ts';
import { floorMs, problemsOf, ratioOf } from './verdict.ts';

/** Calls of which one in ten takes the given time. */
function measured(slowMs: number, failures: readonly string[] = []): Measured {
  const slowUs = slowMs * 1_000;
  return { latency: { valuesUs: [100, slowUs], counts: [90, 10] }, maxUs: slowUs, calls: 100, failures };
}

const tally = { sent: 1, served: 1, refused: 0, cancelled: 0, late: 0 };
const result = { quiet: measured(10), hostile: measured(29), tallies: { sessions: tally }, problems: [] };
const bar = { factor: 3, ratioDecides: true };

test('the p99 may grow by the factor', () => {
  expect(problemsOf(result, bar)).toEqual([]);
  expect(problemsOf({ ...result, hostile: measured(31) }, bar)).toEqual([
    'the p99 beside the hostile tenant is 3.1 times the quiet one; the bar is 3',
  ]);
});

test('a short run does not judge the p99', () => {
  expect(problemsOf({ ...result, hostile: measured(500) }, { ...bar, ratioDecides: false })).toEqual([]);
});

test('a very short quiet p99 counts as the floor', () => {
  expect(ratioOf({ quiet: measured(0.2), hostile: measured(2 * floorMs) })).toBeCloseTo(2);
});

test('a failed call, an attack that sends nothing and a broken attack are problems', () => {
  const problems = problemsOf(
    {
      quiet: measured(10, ['1 calls failed']),
      hostile: { ...measured(10, ['2 calls failed']), calls: 0 },
      tallies: { sessions: { ...tally, sent: 0 } },
      problems: ['the attack broke'],
    },
    bar,
  );
  expect(problems).toEqual([
    'alone: 1 calls failed',
    'beside the hostile tenant: 2 calls failed',
    'no honest call was measured beside the hostile tenant',
    'the attack sessions sent nothing',
    'the attack broke',
  ]);
});
