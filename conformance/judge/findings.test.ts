import { describe, expect, test } from 'vitest';
import type { CaseOutcome, CaseResult, Failure } from '../engine/result.ts';
import { dataCase } from '../testing/data-case.ts';
import { findingsOf } from './findings.ts';

function result(id: string, outcome: CaseOutcome, more: Partial<CaseResult> = {}): CaseResult {
  const head = { ...dataCase(id, []), id, clauses: ['SESSION-3', 'HEADER-5'] };
  return { case: head, outcome, startedAt: 0, durationMs: 1, wire: [], logs: [], ...more };
}

function failure(actual: string, more: Partial<Failure> = {}): Failure {
  return {
    summary: `/status: expected 404, got ${actual}`,
    step: { number: 2, verb: 'invoke', file: 'cases.yaml', line: 2 },
    differences: [{ path: '/status', expected: '404', actual }],
    clauses: ['SESSION-3'],
    ...more,
  };
}

const failed = (actual: string, more: Partial<Failure> = {}): CaseOutcome => ({
  kind: 'failed',
  failure: failure(actual, more),
});

function blocked(by: string, clause: string): CaseOutcome {
  return { kind: 'blocked', failure: failure('500', { clauses: [] }), by: { case: by, clause } };
}

describe('findingsOf', () => {
  test('joins failures of the same clause, verb and difference', () => {
    const found = findingsOf([
      result('a', failed('200')),
      result('b', failed('500')),
      result('c', failed('200')),
      result('d', failed('200', { clauses: ['HEADER-5'] })),
      result('e', failed('200', { step: { number: 1, verb: 'openStream', file: 'f', line: 1 } })),
    ]);
    expect(found.map(({ cases }) => cases)).toEqual([['a', 'c'], ['b'], ['e'], ['d']]);
    expect(found[0]).toMatchObject({ clause: 'SESSION-3', verb: 'invoke', blocked: [] });
  });

  test('ignores values that differ from case to case', () => {
    const difference = (actual: string) => [{ path: '/message/id', expected: '"a"', actual }];
    const found = findingsOf([
      result('a', failed('', { differences: difference('"one"') })),
      result('b', failed('', { differences: difference('"two"') })),
    ]);
    expect(found.map(({ cases }) => cases)).toEqual([['a', 'b']]);
  });

  test('puts cases that pass alone into one finding after the others', () => {
    const alone = (actual: string): CaseOutcome => ({
      kind: 'blocked',
      failure: failure(actual, { clauses: [] }),
      by: { case: 'independent', clause: 'RPC-11' },
      passesAlone: true,
    });
    const found = findingsOf([
      result('a', alone('200')),
      result('b', alone('500')),
      result('c', failed('200')),
    ]);
    expect(found).toMatchObject([
      { clause: 'SESSION-3', cases: ['c'], blocked: [] },
      { clause: 'RPC-11', cases: [], blocked: ['a', 'b'], passesAlone: true },
    ]);
    expect(found[0]).not.toHaveProperty('passesAlone');
  });

  test('puts the clause first that most cases violate, regardless of the differences', () => {
    const found = findingsOf([
      result('a', failed('200', { clauses: ['HEADER-5'] })),
      result('b', failed('200', { clauses: ['HEADER-5'] })),
      result('c', failed('200')),
      result('d', failed('500')),
      result('e', failed('502')),
    ]);
    expect(found.map(({ cases }) => cases)).toEqual([['c'], ['d'], ['e'], ['a', 'b']]);
  });

  test('puts the clause first that fails in more of the cases that check it', () => {
    const of = (clauses: readonly string[]) => ({ case: { ...result('x', failed('')).case, clauses } });
    const found = findingsOf([
      { ...result('a', failed('200')), ...of(['SESSION-3']) },
      { ...result('b', { kind: 'passed' }), ...of(['SESSION-3']) },
      { ...result('c', failed('200', { clauses: ['HEADER-5'] })), ...of(['HEADER-5']) },
    ]);
    expect(found.map(({ clause }) => clause)).toEqual(['HEADER-5', 'SESSION-3']);
  });

  test('puts the finding that affects most cases first', () => {
    const found = findingsOf([
      result('a', failed('500')),
      result('b', failed('500')),
      result('c', failed('200')),
      result('d', blocked('c', 'SESSION-3')),
      result('e', blocked('c', 'SESSION-3')),
    ]);
    expect(found.map(({ cases, blocked: waiting }) => [cases, waiting])).toEqual([
      [['c'], ['d', 'e']],
      [['a', 'b'], []],
    ]);
  });

  test('uses the case with the same main clause and the earliest failing step as the example', () => {
    const late = { step: { number: 7, verb: 'invoke', file: 'f', line: 7 } };
    const found = findingsOf([result('late', failed('200', late)), result('early', failed('200'))]);
    expect(found[0]?.cases).toEqual(['early', 'late']);
  });

  test('makes a finding of blocked cases if the case that checks their setup did not fail', () => {
    const found = findingsOf([result('a', blocked('handshake/initialize', 'INIT-1'))]);
    expect(found).toEqual([
      {
        clause: 'INIT-1',
        alsoViolated: [],
        verb: 'invoke',
        summary: '/status: expected 404, got 500',
        cases: [],
        blocked: ['a'],
      },
    ]);
  });

  test('puts a blocked case under what blocks the case that checks its setup', () => {
    const found = findingsOf([
      result('a', failed('500')),
      result('b', blocked('a', 'SESSION-3')),
      result('c', blocked('b', 'SESSION-4')),
    ]);
    expect(found).toMatchObject([{ clause: 'SESSION-3', cases: ['a'], blocked: ['b', 'c'] }]);
    const circular = findingsOf([
      result('d', blocked('e', 'SESSION-5')),
      result('e', blocked('d', 'SESSION-4')),
    ]);
    expect(circular.flatMap((finding) => finding.blocked).sort()).toEqual(['d', 'e']);
  });

  test('puts a finding behind one on which all its cases rely', () => {
    const relying = (id: string, ...reliesOn: string[]) => {
      const { case: head, ...rest } = result(id, failed('500'));
      return { ...rest, case: { ...head, reliesOn } };
    };
    const foundation = result('base', failed('200', { clauses: ['HEADER-5'] }));
    const orderOf = (...results: readonly CaseResult[]) =>
      findingsOf(results).map(({ cases: [first] }) => first);
    expect(orderOf(foundation, relying('a', 'base'), relying('b', 'other', 'base'))).toEqual(['base', 'a']);
    expect(orderOf(foundation, relying('a', 'base'), relying('b', 'other'))).toEqual(['a', 'base']);
    const circle = { ...foundation, case: { ...foundation.case, reliesOn: ['a'] } };
    expect(orderOf(circle, relying('a', 'base'), relying('b', 'base'))).toEqual(['base', 'a']);
  });

  test('ignores known failures and advice', () => {
    const advice = result('b', failed('200'));
    const results = [
      result('a', failed('200'), { known: { reason: 'issue 7' } }),
      { ...advice, case: { ...advice.case, advisory: true } },
    ];
    expect(findingsOf(results)).toEqual([]);
  });
});
