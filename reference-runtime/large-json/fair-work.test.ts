import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FairWork, runAtOnce, type Steps } from './fair-work.ts';

/** Work of several slices, which notes its end. */
function* work(name: string, slices: number, ended: string[]): Steps<string> {
  for (let slice = 0; slice < slices; slice++) {
    const end = performance.now() + 3;
    while (performance.now() < end);
    yield;
  }
  ended.push(name);
  return name;
}

test('callers take turns, and the work of one caller keeps its order', async () => {
  const fair = new FairWork();
  const ended: string[] = [];
  const long = Array.from({ length: 3 }, (_, index) => fair.run('ann', work(`ann ${index}`, 5, ended)));
  await Promise.all([...long, fair.run('bob', work('bob', 2, ended))]);
  expect(ended).toEqual(['bob', 'ann 0', 'ann 1', 'ann 2']);
});

test('other events are handled between slices', async () => {
  const fair = new FairWork();
  const ended: string[] = [];
  const done = fair.run(null, work('work', 10, ended));
  let turns = 0;
  void done.then(() => ended.push(`after ${turns} turns`));
  while (ended.length < 2) {
    await turn();
    turns++;
  }
  expect(Number(/\d+/.exec(ended[1] ?? '')?.[0])).toBeGreaterThan(5);
});

test('an error of the work rejects, and other work goes on', async () => {
  const fair = new FairWork();
  function* broken(): Steps<never> {
    yield;
    throw new RangeError('broken');
  }
  const failed = fair.run('ann', broken());
  const other = fair.run('ann', work('other', 1, []));
  await expect(failed).rejects.toThrow('broken');
  await expect(other).resolves.toBe('other');
});

test('work can run without a pause', () => {
  expect(runAtOnce(work('work', 2, []))).toBe('work');
});
