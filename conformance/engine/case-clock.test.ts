import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CaseClock } from './case-clock.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched(clock: CaseClock): () => Promise<boolean> {
  let isExpired = false;
  void clock.expired.then(() => {
    isExpired = true;
  });
  return async () => {
    await vi.advanceTimersByTimeAsync(0);
    return isExpired;
  };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

test('the time is up after so many milliseconds', async () => {
  const clock = new CaseClock(100);
  const isExpired = watched(clock);
  await vi.advanceTimersByTimeAsync(99);
  expect(await isExpired()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isExpired()).toBe(true);
});

test('it stands still until the last work is over that does not count', async () => {
  const clock = new CaseClock(100);
  const isExpired = watched(clock);
  await vi.advanceTimersByTimeAsync(60);
  const both = [clock.stopFor(() => pause(1_000)), clock.stopFor(() => pause(2_000))];
  await vi.advanceTimersByTimeAsync(2_000);
  await Promise.all(both);
  expect(await isExpired()).toBe(false);
  await vi.advanceTimersByTimeAsync(39);
  expect(await isExpired()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isExpired()).toBe(true);
});

test('it goes on after work that failed', async () => {
  const clock = new CaseClock(100);
  const isExpired = watched(clock);
  await expect(clock.stopFor(() => Promise.reject(new Error('no start')))).rejects.toThrow('no start');
  await vi.advanceTimersByTimeAsync(100);
  expect(await isExpired()).toBe(true);
});

test('once disposed of, the time is never up', async () => {
  const clock = new CaseClock(100);
  const isExpired = watched(clock);
  clock[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await isExpired()).toBe(false);
});

test('disposed of while it stands still, it leaves no timer behind', async () => {
  const clock = new CaseClock(100);
  const start = clock.stopFor(() => pause(50));
  clock[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(50);
  await start;
  expect(vi.getTimerCount()).toBe(0);
});
