import { expect, test } from 'vitest';
import { ReceiveBudget } from './receive-budget.ts';

test('large receivers take turns above the limit, and small ones never wait', () => {
  const budget = new ReceiveBudget(100, 10);
  const resumed: string[] = [];
  const receiver = (name: string) => ({ resume: () => resumed.push(name) });
  const [first, second, third, small] = ['first', 'second', 'third', 'small'].map(receiver);
  if (!(first && second && third && small)) throw new Error('unreachable');
  expect(budget.hold(first, 60)).toBe(false);
  expect(budget.hold(second, 60)).toBe(true);
  expect(budget.hold(third, 60)).toBe(true);
  expect(budget.hold(small, 5)).toBe(false);
  expect(budget.hold(first, 60)).toBe(false);
  budget.release(first);
  expect(resumed).toEqual(['second']);
  budget.release(second, 55);
  expect(resumed).toEqual(['second', 'third']);
});

test('a receiver at rest does not hold up the others', () => {
  const budget = new ReceiveBudget(100, 10);
  const resumed: string[] = [];
  const unread = { resume: () => resumed.push('unread') };
  const waiting = { resume: () => resumed.push('waiting') };
  expect(budget.hold(unread, 90)).toBe(false);
  expect(budget.hold(waiting, 20)).toBe(true);
  budget.rest(unread);
  expect(resumed).toEqual(['waiting']);
  expect(budget.hold(unread, 1)).toBe(true);
  budget.release(waiting);
  expect(resumed).toEqual(['waiting', 'unread']);
});
