import { expect, test } from 'vitest';
import { legacyRevisions, modernRevisions } from '../../conformance/case/era.ts';
import type { WrittenStep } from '../../conformance/case/step-annotations.ts';
import { dataCase } from '../../conformance/testing/data-case.ts';
import { mayConcern, meetsClause } from './runtime-subject.ts';

const short = [{ session: {} }];
const long = [{ repeat: { times: 100, steps: short } }];

function caseOf(clause: string, revisions: readonly string[], steps: readonly WrittenStep[] = short) {
  return dataCase('case', steps, { clauses: [clause], revisions });
}

const sessions = caseOf('SESSION-1', legacyRevisions);
const modern = caseOf('MODERN-1', modernRevisions);
const both = caseOf('RPC-1', [...legacyRevisions, ...modernRevisions]);

test.each([
  ['SESSION-2', [sessions, both], [modern]],
  ['INIT-1', [sessions, both], [modern]],
  ['MODERN-2', [modern, both], [sessions]],
  ['STREAM-1', [sessions, modern, both], []],
])('a variation of %s concerns the cases of its eras', (clause, concerned, others) => {
  for (const each of concerned) expect(mayConcern(each, { clause }, true)).toBe(true);
  for (const each of others) expect(mayConcern(each, { clause }, true)).toBe(false);
});

test('a variation concerns the long cases of its chapter alone', () => {
  const streams = caseOf('STREAM-11', legacyRevisions, long);
  expect(mayConcern(streams, { clause: 'STREAM-1' }, false)).toBe(true);
  expect(mayConcern(streams, { clause: 'RPC-1' }, true)).toBe(false);
});

test('the whole suite has the long cases of the chapter of a fault alone, and launches for faults of their clauses', () => {
  const streams = caseOf('STREAM-11', legacyRevisions, long);
  const launch = { ...caseOf('STREAM-1', legacyRevisions), needs: { runner: ['launch' as const] } };
  expect(meetsClause(streams, { clause: 'STREAM-1' }, { wholeSuite: true })).toBe(true);
  expect(meetsClause(streams, { clause: 'RPC-1' }, { wholeSuite: true })).toBe(false);
  expect(meetsClause(both, { clause: 'STREAM-1' }, { wholeSuite: true })).toBe(true);
  expect(meetsClause(both, { clause: 'STREAM-1' }, { wholeSuite: false })).toBe(false);
  expect(meetsClause(launch, { clause: 'STREAM-2' }, { wholeSuite: true })).toBe(false);
  expect(meetsClause(launch, { clause: 'STREAM-1' }, { wholeSuite: true })).toBe(true);
});

test('a case of another chapter runs only in its turn', () => {
  expect(mayConcern(both, { clause: 'STREAM-1' }, true)).toBe(true);
  expect(mayConcern(both, { clause: 'STREAM-1' }, false)).toBe(false);
  expect(mayConcern(both, { clause: 'RPC-2' }, false)).toBe(true);
});
