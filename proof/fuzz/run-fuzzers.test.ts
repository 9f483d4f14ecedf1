import { expect, test, vi } from 'vitest';
import { readFuzzOptions, runFuzzers } from './run-fuzzers.ts';

test.each([
  [[], { duration: 60 }],
  [['--duration', '90s'], { duration: 90 }],
  [['--duration', '10m', '--only', 'go'], { duration: 600, only: 'go' }],
])('the arguments %j mean %j', (words, options) => {
  expect(readFuzzOptions(words)).toEqual(options);
});

test.each([
  [['--duration', '10'], 'such as 10m'],
  [['--only', 'c'], 'typescript, go, rust'],
  [['all'], 'too many arguments'],
])('the arguments %j are rejected', async (words, message) => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(await runFuzzers(words)).toBe(2);
    expect(written.mock.calls.join('')).toContain(message);
  } finally {
    written.mockRestore();
  }
});
