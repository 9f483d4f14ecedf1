import type { Matrix, Row } from './matrix.ts';

/** What a run of all mutants has found. */
export interface MutantReport {
  /** What was changed, and how it was tried, for the Markdown: lines. */
  readonly about: readonly string[];
  readonly matrix: Matrix;
  /** How many cases every mutant was held against. */
  readonly cases: number;
  /** What the untouched runtime failed at: nothing, or the rest means nothing. */
  readonly untouched: readonly string[];
  readonly unobservable: Readonly<Record<string, string>>;
  readonly durationMs: number;
  /** Set where each mutant met the cases of its own clause alone: then nothing is said of idle cases. */
  readonly ownClauseOnly: boolean;
}

const byOf = ({ byItsClause, caughtBy }: Row) => byItsClause[0] ?? caughtBy[0] ?? 'nothing';

/** Whether everything is as it has to be: no survivors, each mutant caught by its clause, the untouched green. */
export function isGood({ matrix, untouched }: MutantReport): boolean {
  return matrix.survivors.length === 0 && matrix.missed.length === 0 && untouched.length === 0;
}

function summary({ matrix, cases, untouched, durationMs, ownClauseOnly }: MutantReport): string[] {
  const { rows, survivors, missed, idleCases } = matrix;
  return [
    `${rows.length} mutants, ${cases} cases, ${Math.round(durationMs / 1000)} s`,
    `${rows.length - survivors.length} caught, ${survivors.length} survived, ${missed.length} not caught by a case of their clause`,
    ownClauseOnly
      ? 'each mutant was held against the cases of its clause alone'
      : `${idleCases.length} cases catch no mutant`,
    `the untouched one ${untouched.length === 0 ? 'is green' : `fails: ${untouched.join(', ')}`}`,
  ];
}

/** The report for a terminal. */
export function renderText(report: MutantReport): string {
  const { matrix, unobservable } = report;
  const width = Math.max(0, ...matrix.rows.map(({ mutant }) => mutant.name.length));
  const lines = matrix.rows.map((row) => {
    const { name, clause } = row.mutant;
    const sign = row.caughtBy.length === 0 ? 'SURVIVED' : row.byItsClause.length === 0 ? 'MISSED' : '';
    const count = row.caughtBy.length > 1 ? ` +${row.caughtBy.length - 1}` : '';
    return `${name.padEnd(width)}  ${clause.padEnd(11)} ${sign}${sign && ' '}${byOf(row)}${count}`;
  });
  const section = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${item}`)];
  return `${[
    ...lines,
    ...section(
      'Survivors:',
      matrix.survivors.map(({ mutant }) => `${mutant.name} (${mutant.clause}): ${mutant.about}`),
    ),
    ...section(
      'Not caught by a case of their clause:',
      matrix.missed.map(
        ({ mutant, caughtBy }) => `${mutant.name} (${mutant.clause}): by ${caughtBy.join(', ')}`,
      ),
    ),
    ...section('Cases that catch no mutant:', report.ownClauseOnly ? [] : matrix.idleCases),
    ...section(
      'Clauses that a black box cannot observe:',
      Object.entries(unobservable).map(([clause, reason]) => `${clause}: ${reason}`),
    ),
    '',
    ...summary(report),
  ].join('\n')}\n`;
}

function idleLines(ids: readonly string[]): string[] {
  const items = ids.length === 0 ? ['None.'] : ids.map((id) => `- ${id}`);
  return ['## Cases that catch no mutant', '', ...items, ''];
}

function unobservableLines(unobservable: MutantReport['unobservable']): string[] {
  const items = Object.entries(unobservable).map(([clause, reason]) => `- ${clause}: ${reason}`);
  return items.length === 0 ? [] : ['## What a black box cannot observe', '', ...items];
}

/** The report as Markdown. */
export function renderMarkdown(report: MutantReport): string {
  const { matrix, unobservable } = report;
  return `${[
    '# Mutants',
    '',
    ...report.about,
    '',
    ...summary(report).map((line) => `- ${line}`),
    '',
    '## Which case catches which mutant',
    '',
    'The first case that names the clause, and how many others fail as well.',
    '',
    '| Mutant | Clause | Fault | Caught by | Others |',
    '| --- | --- | --- | --- | --- |',
    ...matrix.rows.map(
      (row) =>
        `| ${row.mutant.name} | ${row.mutant.clause} | ${row.mutant.about.replaceAll('|', '\\|')} | ${byOf(row)} | ${Math.max(0, row.caughtBy.length - 1)} |`,
    ),
    '',
    ...(report.ownClauseOnly ? [] : idleLines(matrix.idleCases)),
    ...unobservableLines(unobservable),
  ].join('\n')}\n`;
}

/** The report as JSON: every mutant with every case that caught it. */
export function renderJson(report: MutantReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
