import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DisturbanceLog, recoveryMs } from './disturbance-log.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

test('calls may fail during a disturbance of their own pair, and some time after it', () => {
  const log = new DisturbanceLog();
  vi.advanceTimersByTime(1_000);
  const end = log.begin(0, { failsCalls: true });
  vi.advanceTimersByTime(500);
  end();
  expect(log.mayFail(0, 0, 999)).toBe(false);
  expect(log.mayFail(0, 0, 1_000)).toBe(true);
  expect(log.mayFail(0, 1_500 + recoveryMs, 60_000)).toBe(true);
  expect(log.mayFail(0, 1_501 + recoveryMs, 60_000)).toBe(false);
  expect(log.mayFail(1, 0, 60_000)).toBe(false);
});

test('a disturbance that must not fail calls is no reason for a failure', () => {
  const log = new DisturbanceLog();
  log.begin(0, { failsCalls: false });
  expect(log.mayFail(0, 0, 60_000)).toBe(false);
});

test('the time in which a process was stopped is added up', () => {
  const log = new DisturbanceLog();
  const end = log.begin(0, { failsCalls: true, stopsTime: true });
  vi.advanceTimersByTime(3_000);
  end();
  expect(log.stoppedMs(0, 1_000, 60_000)).toBe(2_000);
  expect(log.stoppedMs(0, 4_000, 60_000)).toBe(0);
  expect(log.stoppedMs(1, 0, 60_000)).toBe(0);
});
