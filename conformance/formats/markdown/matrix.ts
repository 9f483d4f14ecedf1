import { isShownInFull, sideBySide } from '../../matrix/answers.ts';
import type { CaseRow, MatrixReport } from '../../matrix/matrix.ts';
import {
  type Cell,
  caseTable,
  chapterTable,
  clauseTable,
  implementationTable,
  type Table,
} from '../../matrix/tables.ts';
import { verdictLists } from '../../report/summary.ts';
import { cut, visible } from '../../text/text.ts';
import { folded, headLines, inline, listLines, madeBy, markdownText, quoted, table } from './markup.ts';
import { failureBlock, listItem, noTargetReason } from './run.ts';

const fullCases = 30;

/** A matrix as Markdown, of bounded size. Ends in a line feed. */
export function renderMatrixMarkdown(matrix: MatrixReport): string {
  const told = matrix.cases.filter(isShownInFull);
  const more = told.slice(fullCases).map((row) => `\`${row.case.id}\``);
  return markdownText([
    ...headLines('MCP runtime conformance, by implementation', matrix.verdict),
    ...cells(implementationTable(matrix)),
    '',
    ...cells(chapterTable(matrix)),
    ...titled('Clauses that not all hold', clauseTable(matrix, 'not held')),
    ...titled('Cases that not all pass', caseTable(matrix, 'not passed')),
    ...(told.length > 0 ? ['', '## Answers side by side'] : []),
    ...told.slice(0, fullCases).flatMap((row) => caseLines(row, matrix)),
    ...listLines('More cases, in the JSON report', more),
    ...matrix.implementations.flatMap(({ name, report }) => restLines(name, report)),
    ...folded('All clauses', cells(clauseTable(matrix, 'all'))),
    ...folded('All cases', cells(caseTable(matrix, 'all'))),
    '',
    madeBy(matrix.tool, matrix.durationMs),
  ]);
}

const signs: Readonly<Record<Cell['tone'], string>> = {
  good: '✅ ',
  bad: '❌ ',
  caution: '⚠️ ',
  faint: '',
  plain: '',
};

function cells({ head, rows }: Table): readonly string[] {
  return table(
    head,
    rows.map((row) => row.map(({ text, tone }) => (text === '' ? '' : `${signs[tone]}${inline(text)}`))),
  );
}

function titled(title: string, content: Table): readonly string[] {
  return content.rows.length === 0 ? [] : ['', `## ${title}`, '', ...cells(content)];
}

function caseLines(row: CaseRow, matrix: MatrixReport): readonly string[] {
  const { implementations, clauses } = matrix;
  const { answers, rows } = sideBySide(row, implementations);
  const [main = ''] = row.case.clauses;
  const clause = clauses.get(main);
  const names = implementations.map(({ name }) => name);
  const code = (text: string): string =>
    `\`${visible(cut(text, 200)).replace(/\s+/g, ' ').replaceAll('`', '′').replaceAll('|', '\\|')}\``;
  return [
    '',
    `### \`${row.case.id}\`: ${row.agreement === 'disagreement' ? 'they disagree' : row.agreement}`,
    '',
    inline(row.case.title),
    ...(clause === undefined ? [] : ['', quoted(clause)]),
    '',
    ...table(
      ['', ...names],
      [
        ['outcome', ...answers.map(({ outcome }) => inline(outcome))],
        ['why', ...answers.map(({ reason }) => inline(reason))],
        ...rows.map(({ path, expected, actual }) => [
          `${code(path === '' ? '(the whole)' : path)}<br>expected ${code(expected)}`,
          ...answers.map(({ outcome }, index) => {
            const text = actual[index];
            if (text !== undefined) return code(text);
            return outcome === 'passed' ? 'as expected' : '';
          }),
        ]),
        ['received', ...answers.map(({ received }) => received.map(code).join('<br>') || 'nothing')],
      ],
    ),
    ...implementations.flatMap(({ name, report }, index) => {
      const result = row.results[index];
      if (report.kind !== 'run' || result?.outcome.kind !== 'failed') return [];
      return [
        '',
        `<details><summary>${inline(name)} in full</summary>`,
        ...failureBlock(result, report),
        '',
        '</details>',
      ];
    }),
  ];
}

function restLines(
  name: string,
  report: MatrixReport['implementations'][number]['report'],
): readonly string[] {
  if (report.kind === 'no-target') {
    return ['', `## ${inline(name)} could not be tested`, '', ...noTargetReason(report)];
  }
  const { verdict } = report;
  return listLines(`${inline(name)}: ${inline(verdict.sentence)}`, [
    ...verdictLists(verdict).flatMap(({ title, items }) =>
      items.map((item) => `${title}: ${listItem(item)}`),
    ),
    ...verdict.uncovered.map(({ reason, cases }) => `not covered (${cases.length}): ${inline(reason)}`),
  ]);
}
