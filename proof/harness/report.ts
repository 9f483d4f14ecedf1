import { count as counted } from '../../conformance/text/text.ts';
import { isImprecise, isolationLines, isolationOf, isPrecise, scoredRows } from './isolation.ts';
import type { Matrix, Problem, Row } from './matrix.ts';

/** Result of a fault run. */
export interface FaultReport {
  /** Introduction to the Markdown report, line by line. */
  readonly about: readonly string[];
  readonly expects: 'caught' | 'passed';
  readonly matrix: Matrix;
  /** Number of cases in the suite. */
  readonly cases: number;
  /** Ids of cases that fail without any fault. If there are any, the other results prove nothing. */
  readonly untouched: readonly string[];
  /** Clauses that a black-box test cannot observe, with the reason. */
  readonly unobservable: Readonly<Record<string, string>>;
  readonly durationMs: number;
  /** Whether the report lists idle cases. False if only a few faults ran against each case. */
  readonly tellsIdle: boolean;
}

/** Whether every fault was caught by its clause, and the variations and the unmodified implementation passed. */
export function isGood(report: FaultReport): boolean {
  return problemsOf(report).length === 0;
}

/**
 * Why the run failed, one line for each fault and for each case that fails without any fault, and one if the reports on
 * the faults that ran against the whole suite are imprecise.
 */
export function problemsOf({ matrix, untouched, ...report }: FaultReport): readonly string[] {
  return [
    ...(report.expects === 'caught' && !isPrecise(isolationOf(matrix))
      ? [`the reports are imprecise: ${isolationLines(matrix).join('; ')}`]
      : []),
    ...untouched.map((id) => `${id} fails without any fault`),
    ...matrix.rows.flatMap(({ fault, problem }) =>
      problem === undefined ? [] : [`${problem} ${fault.name} (${fault.clause})`],
    ),
  ];
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
      'Caught only by cases of other clauses:',
      having('MISSED', ({ caughtBy }) => [`by ${caughtBy.join(', ')}`]),
    ),
    ...section(
      'False alarms:',
      having('FALSE ALARM', ({ failed, neverReady }) =>
        neverReady === undefined ? failed.map(({ id, summary: why }) => `${id}: ${why}`) : [neverReady],
      ),
    ),
    ...section(
      'Imprecise reports:',
      report.expects === 'passed' ? [] : scoredRows(report.matrix).filter(isImprecise).map(imprecision),
    ),
    ...section('Idle cases, which catch no fault:', report.tellsIdle ? idleCases : []),
    ...section('Clauses that a black-box test cannot observe:', unobservableClauses(report)),
    '',
    ...summaryOf(report),
  ]);
}

/**
 * The report as Markdown, between comments that name its date and command. `npm run docs -- --check` compares the page
 * with the faults of the build.
 */
export function renderMarkdown(report: FaultReport, recording: { date: string; command: string }): string {
  const { rows, idleCases } = report.matrix;
  const caught = report.expects === 'caught';
  const idle = idleCases.length === 0 ? ['None.'] : idleCases.map((id) => `- ${id}`);
  const unobservable = unobservableClauses(report).map((line) => `- ${line}`);
  return joined([
    `<!-- recorded: ${recording.date}, ${recording.command} -->`,
    ...(caught ? ['# Faults', ''] : ['# Variations', '']),
    ...report.about,
    '',
    ...summaryOf(report).map((line) => `- ${line}`),
    '',
    ...(caught ? ['## Which case catches which fault', ''] : ['## Results by variation', '']),
    ...(caught
      ? [
          '"Caught by" is the first failed case of the clause. "Others" is the number of further failed cases.',
          '',
        ]
      : []),
    `| ${caught ? 'Fault | Clause | Behaviour | Caught by | Others' : 'Variation | Clause | Difference | Passed | Skipped'} |`,
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => {
      const { name, clause, about } = row.fault;
      const found = caught ? [firstCatch(row), others(row)] : [row.passed, row.skipped];
      return `| ${[name, clause, about.replaceAll('|', '\\|'), ...found].join(' | ')} |`;
    }),
    '',
    ...(report.tellsIdle ? ['## Idle cases, which catch no fault', '', ...idle, ''] : []),
    ...(unobservable.length === 0
      ? []
      : ['## Clauses that a black-box test cannot observe', '', ...unobservable]),
    '<!-- /recorded -->',
  ]);
}

const joined = (lines: readonly string[]) => `${lines.join('\n')}\n`;
const firstCatch = ({ byItsClause, caughtBy }: Row) => byItsClause[0] ?? caughtBy[0] ?? 'none';
const others = ({ caughtBy }: Row) => Math.max(0, caughtBy.length - 1);
const unobservableClauses = ({ unobservable }: FaultReport) =>
  Object.entries(unobservable).map(([clause, reason]) => `${clause}: ${reason}`);

function shortFinding(row: Row): string {
  if (row.fault.expects === 'caught') return `${firstCatch(row)}${others(row) > 0 ? ` +${others(row)}` : ''}`;
  return `${row.passed} passed${row.skipped > 0 ? `, ${row.skipped} skipped` : ''}`;
}

function imprecision({ fault, firstFinding, violated }: Row): string {
  return `${fault.name} (${fault.clause}): first finding ${firstFinding}, violated ${violated.join(', ')}`;
}

/** Describes which cases ran against the faults. */
function scopeOf(rows: readonly Row[]): string {
  const whole = rows.filter(({ wholeSuite }) => wholeSuite).length;
  if (whole === 0) return 'only the cases of its clause ran against each fault';
  if (whole === rows.length) return 'the whole suite ran against each fault';
  return `the whole suite ran against ${whole} of the faults, and the cases of its clause against each other fault`;
}

/** Returns the totals of a run, one line each. */
export function summaryOf({ expects, matrix, cases, untouched, ...report }: FaultReport): readonly string[] {
  const { rows, idleCases } = matrix;
  const count = (...problems: (Problem | undefined)[]) =>
    rows.filter(({ problem }) => problems.includes(problem)).length;
  const isCaught = expects === 'caught';
  return [
    `${counted(rows.length, isCaught ? 'fault' : 'variation')}, ${cases} cases, ${Math.round(report.durationMs / 1000)} s`,
    isCaught
      ? `${count(undefined, 'MISSED')} caught, ${count('SURVIVED')} survived, ${count('MISSED')} caught only by cases of other clauses`
      : `${count(undefined)} passed, ${count('FALSE ALARM')} with false alarms, ${count('UNEXPECTED SKIPS')} with unexpected skips`,
    ...(isCaught ? [scopeOf(rows), ...isolationLines(matrix)] : []),
    ...(report.tellsIdle ? [`idle cases: ${idleCases.length}`] : []),
    `the unmodified implementation ${untouched.length === 0 ? 'passes' : `fails: ${untouched.join(', ')}`}`,
  ];
}
