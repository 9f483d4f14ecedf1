import { expect, test } from 'vitest';
import { Random } from './random.ts';

function numbers(random: Random): readonly number[] {
  return Array.from({ length: 1_000 }, () => random.whole(1, 6));
}

test('the same seed gives the same numbers, and another seed gives other numbers', () => {
  expect(numbers(new Random(7))).toEqual(numbers(new Random(7)));
  expect(numbers(new Random(7))).not.toEqual(numbers(new Random(8)));
});

test('every whole number in the range occurs, and no other', () => {
  expect([...new Set(numbers(new Random(1)))].sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test('shuffling keeps all items and changes their order', () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = new Random(3).shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort((one, other) => one - other)).toEqual(items);
});

test('a fork does not depend on how many numbers other forks use', () => {
  const [one, other] = [new Random(5), new Random(5)];
  numbers(one.fork());
  other.fork();
  expect(numbers(one.fork())).toEqual(numbers(other.fork()));
});
