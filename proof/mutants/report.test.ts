import { describe, expect, it } from 'vitest';
import { makeMatrix } from './matrix.ts';
import { isGood, type MutantReport, renderMarkdown, renderText } from './report.ts';

const cases = [
  { id: 'a/one', clauses: ['RPC-1'] },
  { id: 'a/idle', clauses: ['RPC-2'] },
];

function report(caughtBy: readonly string[], more: Partial<MutantReport> = {}): MutantReport {
  const mutant = { name: 'deaf', clause: 'RPC-1', about: 'Hears nothing' };
  return {
    matrix: makeMatrix([{ mutant, caughtBy, durationMs: 1 }], cases),
    cases: cases.length,
    about: ['What was tried.'],
    untouched: [],
    unobservable: { 'STREAM-7': 'No run lasts that long.' },
    durationMs: 1500,
    ownClauseOnly: false,
    ...more,
  };
}

describe('the report on mutants', () => {
  it('is good where every mutant is caught by its clause and the untouched runtime is green', () => {
    expect(isGood(report(['a/one']))).toBe(true);
    expect(isGood(report([]))).toBe(false);
    expect(isGood(report(['a/idle']))).toBe(false);
    expect(isGood(report(['a/one'], { untouched: ['a/one'] }))).toBe(false);
  });

  it('names survivors, what was missed, idle cases and what cannot be observed', () => {
    expect(renderText(report([]))).toContain('deaf (RPC-1): Hears nothing');
    expect(renderText(report(['a/idle']))).toContain('deaf (RPC-1): by a/idle');
    const text = renderText(report(['a/one']));
    expect(text).toContain('Cases that catch no mutant:\n  a/idle');
    expect(text).toContain('STREAM-7: No run lasts that long.');
    expect(text).not.toContain('SURVIVED');
  });

  it('says nothing of idle cases where mutants met the cases of their clause alone', () => {
    expect(renderText(report(['a/one'], { ownClauseOnly: true }))).not.toContain('a/idle');
    expect(renderMarkdown(report(['a/one'], { ownClauseOnly: true }))).not.toContain('a/idle');
  });

  it('has a row for each mutant in Markdown', () => {
    expect(renderMarkdown(report(['a/one']))).toContain('| deaf | RPC-1 | Hears nothing | a/one | 0 |');
  });
});
