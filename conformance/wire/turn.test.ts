import { expect, test } from 'vitest';
import { turn } from './turn.ts';

test('lets one go on in each turn of the event loop, in order', async () => {
  const seen: string[] = [];
  const tick = (): void => {
    seen.push('|');
    if (seen.length < 12) setImmediate(tick);
  };
  const all = Promise.all(['a', 'b', 'c'].map((name) => turn().then(() => seen.push(name))));
  setImmediate(tick);
  await all;
  expect(seen.filter((each) => each !== '|')).toEqual(['a', 'b', 'c']);
  expect(seen.join('')).not.toMatch(/[abc]{2}/);
});

test('is there again after all have gone on', async () => {
  await turn();
  await expect(turn()).resolves.toBeUndefined();
});
