import { expect, test } from 'vitest';
import { CallerQuota } from './caller-quota.ts';

test('each caller has a limit, and an ended subscription no longer counts', () => {
  const quota = new CallerQuota({ max: 10, maxPerCaller: 2 });
  const first = quota.begin('ann');
  expect(quota.begin('ann')).toBeDefined();
  expect(quota.begin('ann')).toBeUndefined();
  expect(quota.begin('bob')).toBeDefined();
  first?.();
  expect(quota.begin('ann')).toBeDefined();
});

test('callers without identity leave room for others, up to the total limit', () => {
  const quota = new CallerQuota({ max: 10, maxPerCaller: 1 });
  for (let held = 0; held < 9; held += 1) expect(quota.begin(null)).toBeDefined();
  expect(quota.begin(null)).toBeUndefined();
  expect(quota.begin('ann')).toBeDefined();
  expect(quota.begin('bob')).toBeUndefined();
});
