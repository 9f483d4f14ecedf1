import { describe, expect, it } from 'vitest';
import { problemsOf, renderMarkdown, renderText, type StrykerReport } from './report.ts';

const mutant = {
  id: '1',
  file: 'reference-runtime/identity/caller.ts',
  line: 7,
  code: 'if (a | b) return `x`;',
  mutator: 'LogicalOperator',
  original: 'a | b',
  replacement: '`b`',
};
const caught = { mutant, detection: { by: 'identity/another-owner', summary: 'differs' }, reached: true };
const survived = { mutant: { ...mutant, id: '2' }, detection: undefined, reached: true };
const report: StrykerReport = {
  trials: [caught, { ...caught, mutant: { ...mutant, id: '3' } }, survived],
  ignored: new Map([['changes a text', 4]]),
  leftOut: 5,
  cases: 10,
  failing: [],
};

describe('the report on mutants of Stryker', () => {
  it('counts caught and surviving mutants', () => {
    expect(renderText(report)).toContain(
      [
        '3 mutants tried, 10 cases',
        '2 caught (66.7 %), 0 survived for a listed reason, 1 without one',
        '4 mutants ignored by their class',
        '5 mutants not tried',
      ].join('\n'),
    );
  });

  it('fails for each mutant that survives without a reason, and for each case that fails without a mutant', () => {
    expect(problemsOf({ ...report, failing: ['a/b'] })).toEqual([
      'a/b fails without any mutant',
      'SURVIVED reference-runtime/identity/caller.ts:7 LogicalOperator: if (a | b) return `x`;: a | b → `b`',
    ]);
    expect(problemsOf({ ...report, trials: [caught] })).toEqual([]);
  });

  it('distinguishes a mutant that no case reaches from a mutant that survives', () => {
    const [problem] = problemsOf({ ...report, trials: [{ ...survived, reached: false }] });
    expect(problem).toMatch(/^NOT REACHED /);
  });

  it('lists survivors by file as Markdown', () => {
    const page = renderMarkdown(report, { date: '2026-11-30', command: 'npm run prove -- stryker' });
    expect(page).toMatch(/^<!-- recorded: 2026-11-30, npm run prove -- stryker -->\n# Mutants of Stryker\n/);
    expect(page).toContain('| identity | `reference-runtime/identity/caller.ts` | 3 | 2 | 0 | 1 | 66.7 % |');
    expect(page).toContain('- line 7: `` a | b → `b` ``\n');
    expect(page.endsWith('<!-- /recorded -->\n')).toBe(true);
  });
});
