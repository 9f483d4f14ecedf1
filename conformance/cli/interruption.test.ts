import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { endWithNpx, Interruption } from './interruption.ts';

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])('%s aborts, and a second signal exits with %d', (name, code) => {
  const source = new EventEmitter();
  const left: unknown[] = [];
  using interruption = new Interruption(source, (...end) => left.push(end));
  expect(interruption.signal.aborted).toBe(false);
  expect(interruption.exitCode).toBeUndefined();
  source.emit(name);
  expect(interruption.signal.aborted).toBe(true);
  expect(interruption.exitCode).toBe(code);
  expect(left).toEqual([]);
  source.emit('SIGINT');
  expect(left).toEqual([[code, name]]);
});

test.each([
  [false, [[143, 'SIGTERM']]],
  [true, []],
])('ends a run that does not end after a signal, unless the command takes its time: %s', (patient, ends) => {
  vi.useFakeTimers();
  try {
    const source = new EventEmitter();
    const left: unknown[] = [];
    using interruption = new Interruption(source, (...end) => left.push(end));
    if (patient) interruption.disableExitDeadline();
    source.emit('SIGTERM');
    vi.advanceTimersByTime(9_000);
    expect(left).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(left).toEqual(ends);
  } finally {
    vi.useRealTimers();
  }
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
