import { failedIn, isShownInFull, sideBySide } from '../../matrix/answers.ts';
import type { CaseRow, Implementation, MatrixReport } from '../../matrix/matrix.ts';
import {
  type Cell,
  caseTable,
  chapterTable,
  clauseTable,
  differenceTable,
  eraTable,
  implementationTable,
  type Table,
} from '../../matrix/tables.ts';
import { gapsOf } from '../../report/gaps.ts';
import { verdictLists } from '../../report/summary.ts';
import { code, folded, headLines, inline, listLines, madeBy, markdownText, quoted, table } from './markup.ts';
import { pictureLines } from './picture.ts';
import { failureBlock, listItem, noTargetReason } from './run.ts';

const fullCases = 30;

/** Renders a matrix as Markdown of bounded size. Ends in a line feed. */
export function renderMatrixMarkdown(matrix: MatrixReport): string {
  const inEras = eraTable(matrix);
  const shown = matrix.cases.filter(isShownInFull);
  const more = shown.slice(fullCases).map((row) => `\`${row.case.id}\``);
  return markdownText([
    ...headLines('MCP runtime conformance, by implementation', matrix.verdict),
    ...cells(implementationTable(matrix)),
    '',
    ...pictureLines(matrix),
    '',
    ...(inEras.rows.length === 0 ? [] : [...cells(inEras), '']),
    ...cells(chapterTable(matrix)),
    ...titled('Clauses not held by all', clauseTable(matrix, 'not held')),
    ...titled('Cases not passed by all', caseTable(matrix, 'not passed')),
    ...(shown.length > 0 ? ['', '## Responses side by side'] : []),
    ...shown.slice(0, fullCases).flatMap((row) => caseLines(row, matrix)),
    ...listLines('More cases, in the JSON report', more),
    ...matrix.implementations.flatMap(restLines),
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
  const both = sideBySide(row, implementations);
  const { answers } = both;
  const clause = clauses.get(row.case.clauses[0] ?? '');
  return [
    '',
    `### \`${row.case.id}\`: ${row.agreement === 'disagreement' ? 'they disagree' : row.agreement}`,
    '',
    inline(row.case.title),
    ...(clause === undefined ? [] : ['', quoted(clause)]),
    '',
    ...table(
      ['', ...implementations.map(({ name }) => inline(name))],
      [
        ['outcome', ...answers.map(({ outcome }) => inline(outcome))],
        ['why', ...answers.map(({ reason }) => inline(reason))],
        ...differenceTable(both).rows.map(([path, expected, ...actual]) => [
          `${code(path?.text ?? '')}<br>expected ${code(expected?.text ?? '')}`,
          ...actual.map(({ text, tone }) => (tone === 'bad' ? code(text) : text)),
        ]),
        ['received', ...answers.map(({ received }) => received.map(code).join('<br>') || '(no data)')],
      ],
    ),
    ...failedIn(row, implementations).flatMap(({ name, report, result }) =>
      folded(`${inline(name)} in full`, failureBlock(result, report)),
    ),
  ];
}

function restLines({ name, report }: Implementation): readonly string[] {
  if (report.kind === 'no-target') {
    return ['', `## ${inline(name)} could not be tested`, '', ...noTargetReason(report)];
  }
  const { verdict } = report;
  return listLines(`${inline(name)}: ${inline(verdict.sentence)}`, [
    ...verdictLists(verdict).flatMap(({ title, items }) =>
      items.map((item) => `${title}: ${listItem(item)}`),
    ),
    ...gapsOf(report).map(({ reason, cases }) => `not covered (${cases.length}): ${inline(reason)}`),
  ]);
}
