import { describe, expect, it } from 'vitest';
import { renderIsolation } from '../harness/isolation-page.ts';
import { makeMatrix } from '../harness/matrix.ts';
import { readIsolationPage, staleIsolation } from './recorded-isolation.ts';

const further = { clause: 'RPC-3', reason: 'Both forbid the same answer.' };
const faults = [
  { name: 'deaf', clause: 'RPC-1', about: 'Hears nothing' },
  { name: 'mute', clause: 'RPC-2', about: 'Says nothing', alsoBreaks: [further] },
];
const trials = faults.map((fault) => ({
  fault: { ...fault, expects: 'caught' as const },
  failed: [{ id: 'a/one', summary: 'differs', clauses: ['RPC-2', 'RPC-3'] }],
  firstFinding: 'RPC-3',
  passed: 1,
  skipped: 0,
  wholeSuite: true,
  durationMs: 1,
}));
const page = renderIsolation(
  {
    about: [],
    expects: 'caught',
    matrix: makeMatrix(trials, []),
    cases: 9,
    untouched: [],
    unobservable: {},
    durationMs: 3000,
    tellsIdle: false,
  },
  { date: '2026-11-28', command: 'npm run prove -- runtime --whole-suite --markdown page.md' },
);

describe('readIsolationPage', () => {
  it('reads the score and the rows of a rendered page', () => {
    expect(readIsolationPage(page)).toMatchObject({ total: 2, cases: 9, right: 1, scored: 2 });
    expect(readIsolationPage(page).rows).toContainEqual({ name: 'deaf', clause: 'RPC-1' });
  });
});

describe('staleIsolation', () => {
  it('accepts a page of the same faults', () => {
    expect(staleIsolation(page, faults, 9)).toEqual([]);
  });

  it.each([
    ['a new fault', faults.concat({ name: 'new', clause: 'RPC-1', about: 'x' }), 9, 'but there are 3'],
    ['a removed fault', faults.slice(1), 9, 'outdated clause: deaf'],
    ['another clause', [{ ...faults[0], clause: 'RPC-9' }, faults[1]], 9, 'outdated clause: deaf'],
    [
      'a fault of several clauses',
      [{ ...faults[0], alsoBreaks: [further], name: 'other' }],
      9,
      'without a row: other',
    ],
    ['another number of cases', faults, 10, 'the suite has 10'],
  ])('finds %s', (_, today, cases, message) => {
    expect(staleIsolation(page, today as typeof faults, cases)).toContainEqual(
      expect.stringContaining(message),
    );
  });
});
