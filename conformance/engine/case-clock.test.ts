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

test('expires after its time limit', async () => {
  const clock = new CaseClock(100);
  const isExpired = watched(clock);
  await vi.advanceTimersByTimeAsync(99);
  expect(await isExpired()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isExpired()).toBe(true);
});

test('pauses until all uncounted work has finished', async () => {
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

test('resumes after uncounted work that failed', async () => {
  const clock = new CaseClock(100);
  const isExpired = watched(clock);
  await expect(clock.stopFor(() => Promise.reject(new Error('no start')))).rejects.toThrow('no start');
  await vi.advanceTimersByTimeAsync(100);
  expect(await isExpired()).toBe(true);
});

test('never expires after disposal', async () => {
  const clock = new CaseClock(100);
  const isExpired = watched(clock);
  clock[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await isExpired()).toBe(false);
});

test('leaves no timer behind if disposed of while paused', async () => {
  const clock = new CaseClock(100);
  const start = clock.stopFor(() => pause(50));
  clock[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(50);
  await start;
  expect(vi.getTimerCount()).toBe(0);
});
