import { describe, expect, it } from 'vitest';
import { isImprecise, isolationLines, isolationOf, isPrecise, scoredRows } from './isolation.ts';
import { makeMatrix } from './matrix.ts';
import type { Trial } from './subject.ts';

function trial(
  name: string,
  firstFinding: string | undefined,
  violated: readonly string[],
  more = {},
): Trial {
  return {
    fault: { name, clause: 'RPC-2', about: 'does something wrong', expects: 'caught' },
    failed: [{ id: 'a/one', summary: 'differs', clauses: violated }],
    firstFinding,
    passed: 1,
    skipped: 0,
    wholeSuite: true,
    durationMs: 1,
    ...more,
  };
}

const precise = trial('x', 'RPC-2', ['RPC-2']);
const vague = trial('y', 'RPC-1', ['RPC-1', 'RPC-2']);

describe('isolationOf', () => {
  it('counts the faults whose first finding names their clause, and the clauses reported as violated', () => {
    const matrix = makeMatrix([precise, vague, trial('z', undefined, [], { neverReady: 'no answer' })], []);
    expect(isolationOf(matrix)).toEqual({ right: 1, total: 2, median: 2, most: 2 });
    expect(scoredRows(matrix).map(isImprecise)).toEqual([false, true]);
    expect(isolationLines(matrix)[0]).toContain('for 1 of 2 faults (50.0 %)');
  });

  it('ignores faults that ran only against the cases of their clause', () => {
    const matrix = makeMatrix([precise, { ...vague, wholeSuite: false }], []);
    expect(isolationOf(matrix)).toEqual({ right: 1, total: 1, median: 1, most: 1 });
    expect(isolationLines(makeMatrix([{ ...vague, wholeSuite: false }], []))).toEqual([]);
  });

  it('accepts a further clause that the fault breaks by definition', () => {
    const alsoBreaks = [{ clause: 'RPC-1', reason: 'Both forbid the same answer.' }];
    const matrix = makeMatrix([{ ...vague, fault: { ...vague.fault, alsoBreaks } }], []);
    expect(isolationOf(matrix)).toEqual({ right: 1, total: 1, median: 2, most: 2 });
  });

  it('calls a report with more than five violated clauses imprecise', () => {
    const clauses = ['RPC-2', 'RPC-3', 'RPC-4', 'RPC-5', 'RPC-6', 'RPC-7'];
    const matrix = makeMatrix([trial('x', 'RPC-2', clauses)], []);
    expect(scoredRows(matrix).map(isImprecise)).toEqual([true]);
  });
});

describe('isPrecise', () => {
  it.each([
    ['all right', { right: 40, total: 40, median: 1, most: 5 }, true],
    ['95 % right', { right: 38, total: 40, median: 1, most: 5 }, true],
    ['less than 95 % right', { right: 37, total: 40, median: 1, most: 5 }, false],
    ['too many violated clauses for most faults', { right: 40, total: 40, median: 2, most: 5 }, false],
    ['too many violated clauses for one fault', { right: 40, total: 40, median: 1, most: 6 }, false],
    ['too few faults for a share', { right: 1, total: 2, median: 2, most: 5 }, true],
    ['too many violated clauses for one of a few faults', { right: 2, total: 2, median: 1, most: 6 }, false],
  ])('judges scores: %s', (_, isolation, expected) => {
    expect(isPrecise(isolation)).toBe(expected);
  });
});
