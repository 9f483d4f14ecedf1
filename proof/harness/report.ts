import type { Matrix, Problem, Row } from './matrix.ts';

/** What a run over faults or variations has found. */
export interface FaultReport {
  /** What was changed and how it was tried: lines of Markdown. */
  readonly about: readonly string[];
  readonly expects: 'caught' | 'passed';
  readonly matrix: Matrix;
  /** How many cases the suite has. */
  readonly cases: number;
  /** What failed against the implementation as it is: nothing, or the rest means nothing. */
  readonly untouched: readonly string[];
  /** Clauses that a black box cannot observe, and why. */
  readonly unobservable: Readonly<Record<string, string>>;
  readonly durationMs: number;
  /** Whether each mutant met the cases of its own clause alone. */
  readonly ownClauseOnly: boolean;
  /** Whether a case that caught nothing is worth a line: not where few mutants met it. */
  readonly tellsIdle: boolean;
}

/** Whether every mutant was caught by its clause, every variation passed, and so did the untouched implementation. */
export function isGood({ matrix, untouched }: FaultReport): boolean {
  return untouched.length === 0 && matrix.rows.every(({ problem }) => problem === undefined);
}

/** The report for a terminal. */
export function renderText(report: FaultReport): string {
  const { rows, idleCases } = report.matrix;
  const width = Math.max(0, ...rows.map(({ fault }) => fault.name.length));
  const section = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${item}`)];
  const having = (problem: Problem, details: (row: Row) => readonly string[]) =>
    rows
      .filter((row) => row.problem === problem)
      .flatMap((row) => details(row).map((each) => `${row.fault.name} (${row.fault.clause}): ${each}`));
  return joined([
    ...rows.map((row) =>
      [row.fault.name.padEnd(width), row.fault.clause.padEnd(11), row.problem, shortFinding(row)]
        .filter((part) => part !== undefined)
        .join(' '),
    ),
    ...section(
      'Survivors:',
      having('SURVIVED', ({ fault }) => [fault.about]),
    ),
    ...section(
      'Not caught by a case of their clause:',
      having('MISSED', ({ caughtBy }) => [`by ${caughtBy.join(', ')}`]),
    ),
    ...section(
      'False alarms:',
      having('FALSE ALARM', ({ failed, neverReady }) =>
        neverReady === undefined ? failed.map(({ id, summary: why }) => `${id}: ${why}`) : [neverReady],
      ),
    ),
    ...section('Cases that catch no mutant:', report.tellsIdle ? idleCases : []),
    ...section('Clauses that a black box cannot observe:', unobservableClauses(report)),
    '',
    ...summary(report),
  ]);
}

/**
 * The report as Markdown, between comments that name its date and command: `npm run docs -- --check` compares such a page
 * with the faults of the build.
 */
export function renderMarkdown(report: FaultReport, recording: { date: string; command: string }): string {
  const { rows, idleCases } = report.matrix;
  const caught = report.expects === 'caught';
  const idle = idleCases.length === 0 ? ['None.'] : idleCases.map((id) => `- ${id}`);
  const unobservable = unobservableClauses(report).map((line) => `- ${line}`);
  return joined([
    `<!-- recorded: ${recording.date}, ${recording.command} -->`,
    ...(caught ? ['# Mutants', ''] : ['# Variations', '']),
    ...report.about,
    '',
    ...summary(report).map((line) => `- ${line}`),
    '',
    ...(caught ? ['## Which case catches which mutant', ''] : ['## How many cases pass which variation', '']),
    ...(caught ? ['The first case that names the clause, and how many others fail as well.', ''] : []),
    `| ${caught ? 'Mutant | Clause | Fault | Caught by | Others' : 'Variation | Clause | Difference | Passed | Left out'} |`,
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => {
      const { name, clause, about } = row.fault;
      const found = caught ? [firstCatch(row), others(row)] : [row.passed, row.leftOut];
      return `| ${[name, clause, about.replaceAll('|', '\\|'), ...found].join(' | ')} |`;
    }),
    '',
    ...(report.tellsIdle ? ['## Cases that catch no mutant', '', ...idle, ''] : []),
    ...(unobservable.length === 0 ? [] : ['## What a black box cannot observe', '', ...unobservable]),
    '<!-- /recorded -->',
  ]);
}

/** The report as JSON: every fault with every case that failed. */
export function renderJson(report: FaultReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

const joined = (lines: readonly string[]) => `${lines.join('\n')}\n`;
const firstCatch = ({ byItsClause, caughtBy }: Row) => byItsClause[0] ?? caughtBy[0] ?? 'nothing';
const others = ({ caughtBy }: Row) => Math.max(0, caughtBy.length - 1);
const unobservableClauses = ({ unobservable }: FaultReport) =>
  Object.entries(unobservable).map(([clause, reason]) => `${clause}: ${reason}`);

function shortFinding(row: Row): string {
  if (row.fault.expects === 'caught') return `${firstCatch(row)}${others(row) > 0 ? ` +${others(row)}` : ''}`;
  return `${row.passed} passed${row.leftOut > 0 ? `, ${row.leftOut} left out` : ''}`;
}

function summary({ expects, matrix, cases, untouched, ...report }: FaultReport): string[] {
  const { rows, idleCases } = matrix;
  const count = (...problems: (Problem | undefined)[]) =>
    rows.filter(({ problem }) => problems.includes(problem)).length;
  const isCaught = expects === 'caught';
  return [
    `${rows.length} ${isCaught ? 'mutants' : 'variations'}, ${cases} cases, ${Math.round(report.durationMs / 1000)} s`,
    isCaught
      ? `${count(undefined, 'MISSED')} caught, ${count('SURVIVED')} survived, ${count('MISSED')} not caught by a case of their clause`
      : `${count(undefined)} passed, ${count('FALSE ALARM')} with false alarms, ${count('LEFT OUT WITHOUT NEED')} with cases left out without need`,
    ...(report.ownClauseOnly ? ['each mutant was held against the cases of its clause alone'] : []),
    ...(report.tellsIdle ? [`${idleCases.length} cases catch no mutant`] : []),
    `the untouched one ${untouched.length === 0 ? 'is green' : `fails: ${untouched.join(', ')}`}`,
  ];
}
