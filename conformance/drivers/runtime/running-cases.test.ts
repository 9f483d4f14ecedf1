import { expect, test } from 'vitest';
import { RunningCases } from './running-cases.ts';

test('a case waits for the end of another, unless all others wait', async () => {
  const running = new RunningCases();
  for (let count = 0; count < 3; count += 1) running.begin();
  const first = running.untilAnotherEnds();
  const second = running.untilAnotherEnds();
  expect(await running.untilAnotherEnds()).toBe(false);
  running.end();
  expect(await Promise.all([first, second])).toEqual([true, true]);
});

test('a single case does not wait', async () => {
  const running = new RunningCases();
  running.begin();
  expect(await running.untilAnotherEnds()).toBe(false);
});
