import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { endWithNpx, Interruption } from './interruption.ts';

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('%s aborts, and a second signal exits with %d', (name, code) => {
  const source = new EventEmitter();
  const left: number[] = [];
  using interruption = new Interruption(source, (exitCode) => left.push(exitCode));
  expect(interruption.signal.aborted).toBe(false);
  expect(interruption.exitCode).toBeUndefined();
  source.emit(name);
  expect(interruption.signal.aborted).toBe(true);
  expect(interruption.exitCode).toBe(code);
  expect(left).toEqual([]);
  source.emit('SIGINT');
  expect(left).toEqual([code]);
});

test('restores the default signal handling on disposal', () => {
  const source = new EventEmitter();
  new Interruption(source, () => {})[Symbol.dispose]();
  expect(source.eventNames()).toEqual([]);
});

test.each([
  ['exec', true],
  [undefined, false],
])('under npm %s, ends the program with its parent: %s', async (command, ends) => {
  vi.useFakeTimers();
  try {
    let parent = 7;
    const terminate = vi.fn();
    using _watch = endWithNpx({ npm_command: command }, () => parent, terminate);
    vi.advanceTimersByTime(1_000);
    expect(terminate).not.toHaveBeenCalled();
    parent = 1;
    vi.advanceTimersByTime(1_000);
    expect(terminate).toHaveBeenCalledTimes(ends ? 1 : 0);
  } finally {
    vi.useRealTimers();
  }
});
