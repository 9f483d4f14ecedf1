import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DisturbanceLog } from '../invariants/disturbance-log.ts';
import { TimeLimit } from './time-limit.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the signal aborts after the limit', () => {
  using limit = new TimeLimit(1_000, 0, new DisturbanceLog());
  vi.advanceTimersByTime(999);
  expect(limit.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(limit.signal.aborted).toBe(true);
});

test('time in which a process of the pair was stopped does not count', () => {
  const log = new DisturbanceLog();
  using limit = new TimeLimit(1_000, 0, log);
  using other = new TimeLimit(1_000, 1, log);
  const end = log.begin(0, { failsCalls: true, stopsTime: true });
  vi.advanceTimersByTime(3_000);
  end();
  expect([limit.signal.aborted, other.signal.aborted]).toEqual([false, true]);
  vi.advanceTimersByTime(1_000);
  expect(limit.signal.aborted).toBe(true);
});
