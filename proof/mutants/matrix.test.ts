import { describe, expect, it } from 'vitest';
import { makeMatrix, type Trial } from './matrix.ts';

const cases = [
  { id: 'a/one', clauses: ['RPC-1', 'RPC-2'] },
  { id: 'a/two', clauses: ['RPC-2'] },
  { id: 'b/three', clauses: ['LIFE-3'] },
];

function trial(name: string, clause: string, caughtBy: readonly string[], neverReady?: string): Trial {
  const about = 'does something wrong';
  return {
    mutant: { name, clause, about },
    caughtBy,
    durationMs: 1,
    ...(neverReady !== undefined && { neverReady }),
  };
}

describe('the kill matrix', () => {
  it('tells the cases of the own clause from the others', () => {
    const { rows, survivors, missed } = makeMatrix([trial('x', 'RPC-1', ['a/one', 'a/two'])], cases);
    expect(rows[0]).toMatchObject({ caughtBy: ['a/one', 'a/two'], byItsClause: ['a/one'] });
    expect(survivors).toEqual([]);
    expect(missed).toEqual([]);
  });

  it('finds survivors, and mutants that only cases of other clauses catch', () => {
    const { survivors, missed } = makeMatrix(
      [trial('alive', 'RPC-1', []), trial('lucky', 'RPC-1', ['a/two'])],
      cases,
    );
    expect(survivors.map(({ mutant }) => mutant.name)).toEqual(['alive']);
    expect(missed.map(({ mutant }) => mutant.name)).toEqual(['lucky']);
  });

  it('counts a target that never became ready as caught, for the clauses that this checks', () => {
    const matrix = makeMatrix(
      [trial('mute', 'HEALTH-1', [], 'no answer'), trial('other', 'RPC-1', [], 'no answer')],
      cases,
    );
    expect(matrix.survivors).toEqual([]);
    expect(matrix.rows[0]?.byItsClause).toEqual(['ready']);
    expect(matrix.missed.map(({ mutant }) => mutant.name)).toEqual(['other']);
  });

  it('names the cases that catch nothing', () => {
    expect(makeMatrix([trial('x', 'RPC-1', ['a/one'])], cases).idleCases).toEqual(['a/two', 'b/three']);
  });
});
