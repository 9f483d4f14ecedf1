import { describe, expect, it } from 'vitest';
import { type Matrix, makeMatrix, type Problem } from './matrix.ts';
import type { Trial } from './subject.ts';

const cases = [
  { id: 'a/one', clauses: ['RPC-1', 'RPC-2'] },
  { id: 'a/two', clauses: ['RPC-2'] },
  { id: 'b/three', clauses: ['LIFE-3'] },
];

function trial(name: string, clause: string, caughtBy: readonly string[], neverReady?: string): Trial {
  return {
    fault: { name, clause, about: 'does something wrong', expects: 'caught' },
    failed: cases.filter(({ id }) => caughtBy.includes(id)).map((each) => ({ ...each, summary: 'differs' })),
    passed: 1,
    skipped: 0,
    wholeSuite: true,
    durationMs: 1,
    neverReady,
  };
}

function variation(alarms: readonly string[], more: Partial<Trial> & { servesLess?: boolean } = {}): Trial {
  const { servesLess = false, ...rest } = more;
  const base = trial('x', 'RPC-1', alarms);
  return { ...base, fault: { ...base.fault, expects: 'passed', servesLess }, ...rest };
}

const having = ({ rows }: Matrix, problem: Problem) =>
  rows.filter((row) => row.problem === problem).map(({ fault }) => fault.name);

describe('makeMatrix', () => {
  it('distinguishes cases of the clause from other cases that catch a fault', () => {
    const matrix = makeMatrix([trial('x', 'RPC-1', ['a/one', 'a/two'])], cases);
    expect(matrix.rows[0]).toMatchObject({ caughtBy: ['a/one', 'a/two'], byItsClause: ['a/one'] });
    expect(matrix.rows[0]?.problem).toBeUndefined();
  });

  it('reports survivors and faults caught only by cases of other clauses', () => {
    const matrix = makeMatrix([trial('alive', 'RPC-1', []), trial('lucky', 'RPC-1', ['a/two'])], cases);
    expect(having(matrix, 'SURVIVED')).toEqual(['alive']);
    expect(having(matrix, 'MISSED')).toEqual(['lucky']);
  });

  it('attributes a target that is never ready to the clauses of readiness', () => {
    const matrix = makeMatrix(
      [trial('mute', 'HEALTH-1', [], 'no answer'), trial('other', 'RPC-1', [], 'no answer')],
      cases,
    );
    expect(having(matrix, 'SURVIVED')).toEqual([]);
    expect(matrix.rows[0]?.byItsClause).toEqual(['ready']);
    expect(having(matrix, 'MISSED')).toEqual(['other']);
  });

  it('does not count advice as violated', () => {
    const { failed, ...others } = trial('x', 'RPC-1', ['a/one', 'b/three']);
    const [first, ...rest] = failed;
    const advice = first === undefined ? [] : [{ ...first, isAdvice: true as const }];
    const matrix = makeMatrix([{ ...others, failed: [...advice, ...rest] }], cases);
    expect(matrix.rows[0]).toMatchObject({ byItsClause: ['a/one'], violated: ['LIFE-3'] });
  });

  it('lists idle cases', () => {
    expect(makeMatrix([trial('x', 'RPC-1', ['a/one'])], cases).idleCases).toEqual(['a/two', 'b/three']);
  });

  it.each([
    ['without failures', variation([]), undefined],
    ['with a failed case', variation(['a/two']), 'FALSE ALARM'],
    ['that never becomes ready', variation([], { neverReady: 'no answer' }), 'FALSE ALARM'],
    ['with a skipped case', variation([], { skipped: 1 }), 'UNEXPECTED SKIPS'],
    [
      'with a skipped case that it does not serve',
      variation([], { skipped: 1, servesLess: true }),
      undefined,
    ],
  ])('judges a variation %s', (_, tried, problem) => {
    expect(makeMatrix([tried], cases).rows[0]?.problem).toBe(problem);
  });
});
