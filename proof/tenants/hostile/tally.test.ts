import { expect, test } from 'vitest';
import { addTallies, describeTally, type Tallies, tallyOf } from './tally.ts';

test('tallies of several runs add up', () => {
  const sum: Tallies = {};
  tallyOf(sum, 'cancels').sent = 2;
  const more: Tallies = {};
  Object.assign(tallyOf(more, 'cancels'), { sent: 3, cancelled: 3 });
  tallyOf(more, 'sessions').sent = 1;
  addTallies(sum, more);
  expect(describeTally(tallyOf(sum, 'cancels'))).toBe('5 calls, 3 cancelled');
  expect(describeTally(tallyOf(sum, 'sessions'))).toBe('1 calls');
});
