import { expect, test } from 'vitest';
import { ReceiveBudget } from './receive-budget.ts';

test('those who hold much take turns once all hold too much, and those who hold little do not wait', () => {
  const budget = new ReceiveBudget(100, 10);
  const went: string[] = [];
  const receiver = (name: string) => ({ goOn: () => went.push(name) });
  const [first, second, third, small] = ['first', 'second', 'third', 'small'].map(receiver);
  if (!(first && second && third && small)) throw new Error('unreachable');
  expect(budget.hold(first, 60)).toBe(false);
  expect(budget.hold(second, 60)).toBe(true);
  expect(budget.hold(third, 60)).toBe(true);
  expect(budget.hold(small, 5)).toBe(false);
  expect(budget.hold(first, 60)).toBe(false);
  budget.release(first);
  expect(went).toEqual(['second']);
  budget.release(second, 55);
  expect(went).toEqual(['second', 'third']);
});
