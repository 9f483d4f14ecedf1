import { failureSections } from '../report/failure.ts';
import { makePalette, type Palette } from '../report/palette.ts';
import { verdictLists } from '../report/summary.ts';
import { closing } from '../report/terminal-closing.ts';
import {
  type BlockStyle,
  caseHeading,
  noTargetReason,
  quietVerdict,
  verdictLines,
} from '../report/terminal-failure.ts';
import { cut, oneLine, visible, wrap } from '../text/text.ts';
import { failedIn, isShownInFull, type SideBySide, sideBySide } from './answers.ts';
import type { CaseRow, Implementation, MatrixReport } from './matrix.ts';
import {
  caseTable,
  chapterTable,
  clauseTable,
  differenceTable,
  eraTable,
  implementationTable,
  type Table,
} from './tables.ts';

/** Layout of a matrix on a terminal. */
export interface MatrixStyle extends BlockStyle {
  /** Show every clause and every case in the tables. */
  readonly verbose: boolean;
}

/** Maximum number of cases shown in full. The others appear in the table only. */
const fullCases = 25;

/** Renders a matrix for people: short if it is green, otherwise with all failures. Lines have no line endings. */
export function matrixLines(matrix: MatrixReport, style: MatrixStyle): readonly string[] {
  const { palette, verbose } = style;
  const section = (title: string, table: Table): readonly string[] =>
    table.rows.length === 0 ? [] : ['', palette.strong(title), ...tableLines(table, palette)];
  const tables = verbose
    ? [section('all clauses', clauseTable(matrix, 'all')), section('all cases', caseTable(matrix, 'all'))]
    : [
        section('clauses not held by all', clauseTable(matrix, 'broken')),
        section('cases not passed by all', caseTable(matrix, 'failed')),
      ];
  const shown = matrix.cases.filter(isShownInFull);
  const more = shown.length - fullCases;
  return [
    '',
    ...fittingLines(implementationTable(matrix), style),
    ...section('eras', eraTable(matrix)),
    ...(matrix.clauseRows.length > 0 ? ['', ...tableLines(chapterTable(matrix), palette)] : []),
    ...tables.flat(),
    ...shown.slice(0, fullCases).flatMap((row) => ['', ...caseBlock(row, matrix, style)]),
    ...(more > 0
      ? ['', palette.strong(`and ${more} more (use --report or --case to see them in full)`)]
      : []),
    ...matrix.implementations.flatMap((implementation) => rest(implementation, style)),
    ...verdictLines(matrix.verdict, matrix.durationMs, style),
  ];
}

/**
 * Renders only the verdict and, if it is not green, the implementations that are not conformant and the cases that not
 * all of them passed. Lines have no line endings.
 */
export function quietMatrixLines(matrix: MatrixReport, style: BlockStyle): readonly string[] {
  const { palette } = style;
  const end = quietVerdict(matrix.verdict, style);
  if (matrix.verdict.exitCode === 0) return [end];
  const outcomes = matrix.implementations.flatMap(({ name, report }) => {
    if (report.kind === 'run') {
      const { exitCode } = report.verdict;
      return exitCode === 0 ? [] : [`${name}: ${quietVerdict(report.verdict, style)}`];
    }
    return [`${palette.strong(`${name} could not be tested`)}`, ...noTargetReason(report, style)];
  });
  const failed = caseTable(matrix, 'failed');
  const cases = failed.rows.length === 0 ? [] : ['', ...tableLines(failed, palette)];
  return [...outcomes, ...cases, '', end];
}

/** Renders a table or, if it is wider than the terminal, a list of its columns for each row. */
function fittingLines(table: Table, { palette, width }: BlockStyle): readonly string[] {
  const lines = tableLines(table, noColours);
  if (lines.every((line) => line.length <= width)) return tableLines(table, palette);
  const titles = table.head.slice(1);
  const titleWidth = Math.max(...titles.map((title) => title.length));
  return table.rows.flatMap(([name, ...cells], index) => [
    ...(index === 0 ? [] : ['']),
    `  ${palette.strong(oneLine(cut(name?.text ?? '', 60)))}`,
    ...cells.flatMap(({ text, tone }, at) => {
      if (text === '') return [];
      const shown = oneLine(cut(text, Math.max(20, width - titleWidth - 7)));
      const title = palette.faint((titles[at] ?? '').padEnd(titleWidth));
      return [`    ${title}   ${tone === 'plain' ? shown : palette[tone](shown)}`];
    }),
  ]);
}

const noColours = makePalette(false);

/** Renders a table with aligned columns, indented by two. The lines have no line endings. */
export function tableLines({ head, rows }: Table, palette: Palette): readonly string[] {
  const columns = head.flatMap((title, index) => {
    const cells = rows.map((row) => {
      const { text, tone } = row[index] ?? { text: '', tone: 'plain' };
      return { text: oneLine(cut(text, 60)), tone };
    });
    const width = Math.max(title.length, ...cells.map(({ text }) => text.length));
    return cells.every(({ text }) => text === '') ? [] : [{ title, cells, width }];
  });
  const line = (cells: readonly string[]): string => `  ${cells.join('   ')}`.trimEnd();
  return [
    palette.faint(line(columns.map(({ title, width }) => title.padEnd(width)))),
    ...rows.map((_, row) =>
      line(
        columns.map(({ cells, width }) => {
          const { text = '', tone = 'plain' } = cells[row] ?? {};
          const coloured = tone === 'plain' || text === '' ? text : palette[tone](text);
          // Padding is outside the colour codes, so that trailing spaces can be trimmed.
          return `${coloured}${' '.repeat(width - text.length)}`;
        }),
      ),
    ),
  ];
}

function caseBlock(row: CaseRow, matrix: MatrixReport, style: MatrixStyle): readonly string[] {
  const mark = row.agreement === 'disagreement' ? 'DISAGREE' : 'FAILED';
  return [
    ...caseHeading(mark, { head: row.case, violated: row.case.clauses }, matrix.clauses, style),
    ...answerLines(sideBySide(row, matrix.implementations), style),
    ...evidence(row, matrix, style),
  ];
}

function answerLines(both: SideBySide, { palette, width }: MatrixStyle): readonly string[] {
  const { answers, rows } = both;
  const nameWidth = Math.max(...answers.map(({ implementation }) => implementation.length));
  const indent = ' '.repeat(nameWidth + 5);
  const lines = answers.flatMap(({ implementation, outcome, reason, place }) => {
    const text = visible([outcome, reason].filter(Boolean).join(': '));
    const [first = '', ...more] = wrap(text, width - indent.length);
    const colouring = outcome === 'passed' ? palette.good : palette.bad;
    return [
      `  ${palette.strong(implementation.padEnd(nameWidth))}   ${colouring(first)}`,
      ...more.map((line) => `${indent}${line}`),
      ...(place === undefined ? [] : [palette.faint(`${indent}${place}`)]),
    ];
  });
  if (rows.length > 0) lines.push('', ...tableLines(differenceTable(both), palette));
  if (answers.every(({ received }) => received.length === 0)) return lines;
  lines.push('', `  ${palette.strong('received')}`);
  for (const { implementation, received } of answers) {
    for (const [index, line] of (received.length > 0 ? received : ['(no data)']).entries()) {
      const name = index === 0 ? implementation : '';
      lines.push(`    ${name.padEnd(nameWidth)}   ${palette.faint('←')} ${oneLine(line)}`);
    }
  }
  return lines;
}

/** Renders the request, the logs of the failed targets and the rerun commands. */
function evidence(row: CaseRow, matrix: MatrixReport, { palette }: MatrixStyle): readonly string[] {
  const failed = failedIn(row, matrix.implementations);
  if (failed.length === 0) return [];
  const sections = failed.flatMap(({ name, result }) =>
    failureSections(result).map((section) => ({ ...section, title: `log of ${name}` })),
  );
  const request = sections.find((section) => section.name === 'request');
  const again = failed.map(({ report }) => visible(report.rerun(row.case.id)));
  return [
    ...(request === undefined ? [] : [{ title: 'request', lines: request.lines }]),
    ...sections.filter((section) => section.name === 'target log'),
    { title: 'run again', lines: again.map((text) => ({ text })) },
  ].flatMap(({ title, lines }) => [
    '',
    `  ${palette.strong(title)}`,
    ...lines.map(({ text }) => `    ${text}`),
  ]);
}

/**
 * Renders the details of one implementation: gaps, failures that do not count, or the reason that it could not be
 * tested.
 */
function rest({ name, report }: Implementation, style: MatrixStyle): readonly string[] {
  const { palette, width, verbose } = style;
  if (report.kind === 'no-target') {
    return ['', palette.strong(`${name} could not be tested`), ...noTargetReason(report, style)];
  }
  const { verdict, run } = report;
  const isWhole = verdictLists(verdict).length + verdict.uncovered.length === 0;
  if (isWhole && run.interrupted === undefined && !verbose && verdict.counts.passed > 0) return [];
  const lines = closing(report, { palette, width: width - 2 });
  return ['', palette.strong(name), ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}
