import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { repeat } from './repeat.ts';

test('work is repeated until the signal, and what is in flight ends first', async () => {
  const stop = new AbortController();
  let ended = 0;
  await repeat(
    async (turn) => {
      if (turn === 2) stop.abort();
      await pause(5);
      ended += 1;
    },
    { everyMs: 1, maxInFlight: 10, signal: stop.signal },
  );
  expect(ended).toBe(3);
});

test('turns are skipped while too many are in flight', async () => {
  const stop = new AbortController();
  let inFlight = 0;
  let most = 0;
  await repeat(
    async (turn) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      if (turn === 5) stop.abort();
      await pause(10);
      inFlight -= 1;
    },
    { everyMs: 1, maxInFlight: 2, signal: stop.signal },
  );
  expect(most).toBe(2);
});

test('an error of the work is passed on', async () => {
  const stop = new AbortController();
  const work = async () => {
    stop.abort();
    throw new RangeError('broken');
  };
  await expect(repeat(work, { everyMs: 1, maxInFlight: 1, signal: stop.signal })).rejects.toThrow('broken');
});
