import { expect, test } from 'vitest';
import type { FaultsPage, TriedFault } from '../../../data/faults.ts';
import { filterIn, selectFaults } from './fault-filter.ts';
import { faultsModelOf, violatedCounts } from './faults-model.ts';

const fault = (name: string, clause: string, more: Partial<TriedFault> = {}): TriedFault => ({
  name,
  clause,
  about: `About ${name}`,
  failed: [],
  violated: [],
  passed: 1,
  skipped: 0,
  durationMs: 5,
  ...more,
});

const page: FaultsPage = {
  kind: 'faults',
  schemaVersion: '1.0',
  report: {
    schemaVersion: '1.0',
    kind: 'faults',
    tool: { name: 'kit', version: '1' },
    startedAt: '2026-11-29T00:00:00.000Z',
    durationMs: 1_000,
    command: 'npm run prove -- runtime',
    subject: 'runtime',
    expects: 'caught',
    cases: 3,
    wholeSuite: true,
    verdict: { good: false, summary: [], problems: [] },
    untouched: [],
    faults: [
      fault('deaf', 'RPC-1', {
        failed: [
          { id: 'a/other', summary: 'x', clauses: ['MCP-1'] },
          { id: 'a/own', summary: 'y', clauses: ['RPC-1'] },
        ],
        violated: ['MCP-1', 'RPC-1'],
        firstFinding: 'MCP-1',
      }),
      fault('mute', 'RPC-2', { neverReady: 'it ended', violated: ['LIFE-1'] }),
      fault('blind', 'MCP-1', { problem: 'SURVIVED' }),
    ],
    unobservable: {},
    clauses: [],
  },
};

test('survivors come first, and the case that catches a fault is one of its clause', () => {
  const { faults, families } = faultsModelOf(page);
  expect(faults.map(({ name, result, firstCatch }) => [name, result, firstCatch])).toEqual([
    ['blind', 'survived', undefined],
    ['deaf', 'caught', 'a/own'],
    ['mute', 'caught', 'ready'],
  ]);
  expect(families.map(({ name, clauses }) => [name, clauses])).toEqual([
    ['RPC', 2],
    ['MCP', 1],
  ]);
  expect(faults.map(({ isPrecise }) => isPrecise)).toEqual([undefined, false, undefined]);
  expect(violatedCounts(faults)).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ]);
});

test.each([
  ['text=about+deaf', ['deaf']],
  ['result=survived', ['blind']],
  ['family=RPC', ['deaf', 'mute']],
  ['clause=MCP-1', ['blind']],
  ['case=a%2Fother', ['deaf']],
  ['text=nothing', []],
])('the filter %s selects %j', (query, names) => {
  const filter = filterIn(new URLSearchParams(query));
  expect(selectFaults(faultsModelOf(page).faults, filter).map(({ name }) => name)).toEqual(names);
});
