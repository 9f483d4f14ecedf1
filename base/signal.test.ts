import { expect, test, vi } from 'vitest';
import { PlainSignal, toAbortSignal } from './signal.ts';

test('listeners run once, unless they are removed', () => {
  const signal = new PlainSignal();
  const [kept, removed] = [vi.fn(), vi.fn()];
  signal.addEventListener('abort', kept);
  signal.addEventListener('abort', removed);
  signal.removeEventListener('abort', removed);
  signal.abort('first');
  signal.abort('second');
  expect([signal.aborted, signal.reason]).toEqual([true, 'first']);
  expect(kept).toHaveBeenCalledOnce();
  expect(removed).not.toHaveBeenCalled();
});

test('an AbortSignal follows a plain signal', () => {
  const signal = new PlainSignal();
  const before = toAbortSignal(signal);
  expect(before.aborted).toBe(false);
  signal.abort('reason');
  for (const each of [before, toAbortSignal(signal)]) {
    expect([each.aborted, each.reason]).toEqual([true, 'reason']);
  }
  expect(toAbortSignal(before)).toBe(before);
});
