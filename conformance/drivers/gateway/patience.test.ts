import { expect, test } from 'vitest';
import { Patience } from './patience.ts';

test('waits less after a wait in vain', () => {
  const patience = new Patience();
  const before = patience.limitMs;
  patience.lose();
  expect(patience.limitMs).toBeLessThan(before / 2);
  expect(patience.limitMs).toBeGreaterThanOrEqual(10_000);
});
