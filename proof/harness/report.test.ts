import { describe, expect, it } from 'vitest';
import { makeMatrix } from './matrix.ts';
import { type FaultReport, isGood, problemsOf, renderMarkdown, renderText } from './report.ts';

const recording = { date: '2026-11-28', command: 'npm run prove -- runtime --markdown page.md' };
const cases = [
  { id: 'a/one', clauses: ['RPC-1'] },
  { id: 'a/idle', clauses: ['RPC-2'] },
];

function report(
  failed: readonly string[],
  { expects = 'caught', wholeSuite = true, ...more }: Partial<FaultReport> & { wholeSuite?: boolean } = {},
): FaultReport {
  const trial = {
    fault: { name: 'deaf', clause: 'RPC-1', about: 'The runtime ignores every call', expects },
    failed: cases.filter(({ id }) => failed.includes(id)).map((each) => ({ ...each, summary: 'differs' })),
    passed: 2,
    skipped: 0,
    wholeSuite,
    durationMs: 1,
  };
  return {
    about: ['About this run.'],
    expects,
    matrix: makeMatrix([trial], cases),
    cases: cases.length,
    untouched: [],
    unobservable: { 'STREAM-7': 'A run cannot last that long.' },
    durationMs: 1500,
    tellsIdle: true,
    ...more,
  };
}

describe('the report', () => {
  it('succeeds if every fault is caught by its clause and the unmodified runtime passes', () => {
    expect(isGood(report(['a/one']))).toBe(true);
    expect(isGood(report([]))).toBe(false);
    expect(isGood(report(['a/idle']))).toBe(false);
    expect(isGood(report(['a/one'], { untouched: ['a/one'] }))).toBe(false);
  });

  it('gives one line for each reason to fail', () => {
    expect(problemsOf(report([], { untouched: ['a/one'] }))).toEqual([
      'a/one fails without any fault',
      'SURVIVED deaf (RPC-1)',
    ]);
  });

  it('lists survivors, missed faults, idle cases and unobservable clauses', () => {
    expect(renderText(report([]))).toContain('deaf (RPC-1): The runtime ignores every call');
    expect(renderText(report(['a/idle']))).toContain('deaf (RPC-1): by a/idle');
    const text = renderText(report(['a/one']));
    expect(text).toContain('Idle cases, which catch no fault:\n  a/idle');
    expect(text).toContain('STREAM-7: A run cannot last that long.');
    expect(text).not.toContain('SURVIVED');
  });

  it('omits idle cases if each fault ran only against the cases of its clause', () => {
    const short = report(['a/one'], { wholeSuite: false, tellsIdle: false });
    expect(renderText(short)).not.toContain('a/idle');
    expect(renderMarkdown(short, recording)).not.toContain('a/idle');
    expect(renderText(short)).toContain('only the cases of its clause ran against each fault');
  });

  it('has a Markdown row for each fault', () => {
    expect(renderMarkdown(report(['a/one']), recording)).toContain(
      '| deaf | RPC-1 | The runtime ignores every call | a/one | 0 |',
    );
  });

  it('names the date and the command of the page', () => {
    const page = renderMarkdown(report(['a/one']), recording);
    expect(page).toMatch(/^<!-- recorded: 2026-11-28, npm run prove -- runtime --markdown page\.md -->\n# /);
    expect(page).toMatch(/\n<!-- \/recorded -->\n$/);
  });

  it('shows the false alarms of a variation', () => {
    const alarm = report(['a/one'], { expects: 'passed', tellsIdle: false });
    expect(isGood(alarm)).toBe(false);
    expect(renderText(alarm)).toContain('deaf (RPC-1): a/one: differs');
    const silent = report([], { expects: 'passed', tellsIdle: false });
    expect(isGood(silent)).toBe(true);
    expect(renderText(silent)).toContain('1 passed, 0 with false alarms');
    expect(renderMarkdown(silent, recording)).toContain(
      '| deaf | RPC-1 | The runtime ignores every call | 2 | 0 |',
    );
  });
});
