import { describe, expect, test } from 'vitest';
import type { Finding } from './findings.ts';
import { type CaseReport, judge } from './judge.ts';
import { renderTables } from './table.ts';

function caseWith(id: string, clause: string, summary?: string): CaseReport {
  const outcome =
    summary === undefined ? { kind: 'passed' } : { kind: 'failed', failure: { summary, clauses: [clause] } };
  return { id, title: `Title of ${id}`, clauses: [clause], outcome };
}

const cases = [
  caseWith('modern-a/one', 'MODERN-1', '/status: expected 200, got 400'),
  caseWith('modern-a/two', 'MODERN-2'),
];
const finding: Finding = {
  cases: ['modern-a/one'],
  difference: 'expected 200',
  kind: 'specification',
  about: 'Refuses it',
  place: 'basic',
};

describe('judge', () => {
  test('accepts the expected findings', () => {
    expect(judge({ cases }, [finding])).toEqual({
      findings: [{ ...finding, clauses: ['MODERN-1'] }],
      problems: [],
    });
  });

  test.each([
    ['a new finding', [], 'modern-a/one: a new finding: /status: expected 200, got 400'],
    ['another difference', [{ ...finding, difference: '/message' }], 'expected the difference "/message"'],
    [
      'a finding that is gone',
      [finding, { ...finding, cases: ['modern-a/two'] }],
      'modern-a/two: the case passed',
    ],
    ['an unknown case', [finding, { ...finding, cases: ['modern-a/three'] }], 'or did not run'],
  ])('reports %s', (_, expected, message) => {
    expect(judge({ cases }, expected).problems).toEqual([expect.stringContaining(message)]);
  });
});

describe('renderTables', () => {
  const clauses = [
    { clause: 'MODERN-2', weight: 'MUST', standing: 'held', cases: ['modern-a/two'] },
    { clause: 'MODERN-1', weight: 'MUST', standing: 'violated', cases: ['modern-a/one'] },
    { clause: 'POST-1', weight: 'MUST', standing: 'held', cases: ['modern-a/two'] },
  ];
  const rowsFor = (kind: Finding['kind']) => {
    const judged = [{ ...finding, kind, clauses: ['MODERN-1'] }];
    return renderTables([{ title: 'SDK', report: { cases, clauses }, findings: judged }]).split('\n');
  };

  test('lists the clauses of MCP 2026-07-28 in numerical order, with their standing', () => {
    expect(rowsFor('specification').slice(2, 5)).toEqual([
      '| MODERN-1 | Title of modern-a/one | **violated** |',
      '| MODERN-2 | Title of modern-a/two | held |',
      '',
    ]);
  });

  test.each([
    ['program', 'violated by the program'],
    ['contract', 'as MCP permits'],
    ['catalog', 'not proven'],
  ] as const)('does not blame the SDK for a finding of kind %s', (kind, standing) => {
    expect(rowsFor(kind)[2]).toBe(`| MODERN-1 | Title of modern-a/one | ${standing} |`);
  });

  test('says which clauses other cases could check', () => {
    const judged = [{ ...finding, kind: 'catalog' as const, clauses: ['MODERN-1'] }];
    const wider = [
      { clause: 'MODERN-1', weight: 'MUST', standing: 'violated', cases: cases.map(({ id }) => id) },
    ];
    const tables = renderTables([{ title: 'SDK', report: { cases, clauses: wider }, findings: judged }]);
    expect(tables).toContain('| MODERN-1 | Title of modern-a/one | partly held |');
  });

  test('lists the findings', () => {
    expect(rowsFor('specification').at(-1)).toBe(
      '| SDK | MODERN-1 | `modern-a/one` | specification | Refuses it | basic |',
    );
  });
});
