import { expect, test } from 'vitest';
import { type Invariant, invariants, Ledger, problemsOf } from './ledger.ts';

const names = Object.keys(invariants) as Invariant[];

test('an invariant that was never checked is a problem', () => {
  const ledger = new Ledger();
  for (const name of names.filter((each) => each !== 'memory')) ledger.held(name);
  expect(problemsOf(ledger.results())).toEqual(['memory: nothing was checked']);
  ledger.held('memory');
  expect(problemsOf(ledger.results())).toEqual([]);
});

test('a violation is counted, and its first example becomes a problem', () => {
  const ledger = new Ledger();
  for (const name of names) ledger.held(name);
  ledger.check('identity', undefined);
  ledger.check('identity', 'caller 1 got the answer of caller 2');
  ledger.violated('identity', 'another one');
  expect(ledger.violations).toBe(2);
  const problems = problemsOf(ledger.results());
  expect(problems).toEqual([expect.stringMatching(/^identity: at \d+\.\d s: caller 1 .+ \(and 1 more\)$/)]);
  expect(ledger.results().find(({ name }) => name === 'identity')).toMatchObject({ checks: 4 });
});

test('the number of examples is limited', () => {
  const ledger = new Ledger();
  for (let count = 0; count < 100; count++) ledger.violated('cleanup', `file ${count}`);
  expect(ledger.results().find(({ name }) => name === 'cleanup')?.examples).toHaveLength(20);
});

test('the lines of the logs before the first violation are kept', () => {
  const lines = ['one'];
  const ledger = new Ledger(() => lines);
  ledger.violated('identity', 'first');
  lines.push('two');
  ledger.violated('identity', 'second');
  expect(ledger.evidence).toEqual(['one']);
});
