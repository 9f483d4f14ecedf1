import { expect, test } from 'vitest';
import { CrashWatch } from './crashes.ts';
import { Ledger } from './ledger.ts';

function start() {
  const ledger = new Ledger();
  const found = () => ledger.results().find(({ name }) => name === 'crashes');
  return { watch: new CrashWatch(ledger), found };
}

test.each([
  ['a killed process', { code: null, signal: 'SIGKILL' }, 'SIGKILL'],
  ['a drained process', { code: 0, signal: null }, 'SIGTERM'],
] as const)('%s is no crash', (_, ending, cause) => {
  const { watch, found } = start();
  watch.ended('runtime 1', ending, cause);
  expect(found()).toMatchObject({ checks: 1, violations: 0 });
});

test.each([
  ['an end without a cause', { code: 0, signal: null }, undefined],
  ['an end by a signal of another process', { code: null, signal: 'SIGSEGV' }, undefined],
  ['a failed drain', { code: 1, signal: null }, 'SIGTERM'],
  ['a process that does not drain', { code: null, signal: 'SIGTERM' }, 'SIGTERM'],
] as const)('%s is a crash', (_, ending, cause) => {
  const { watch, found } = start();
  watch.ended('runtime 1', ending, cause);
  expect(found()).toMatchObject({ checks: 1, violations: 1 });
});

test.each([
  'TypeError: x is not a function',
  'panic: runtime error: index out of range',
  "thread 'main' panicked at src/main.rs:1:1:",
  'goroutine 7 [running]:',
  'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
])('the line %j is an unhandled error', (line) => {
  const { watch, found } = start();
  watch.wrote('runtime 1', line);
  expect(found()).toMatchObject({ violations: 1 });
});

test.each(['{"level":"warn","msg":"call failed: connection refused"}', 'the call failed: no answer (14)'])(
  'the line %j is no unhandled error',
  (line) => {
    const { watch, found } = start();
    watch.wrote('runtime 1', line);
    expect(found()).toMatchObject({ violations: 0 });
  },
);
