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

const withProblem = ({ matrix }: FaultReport, problem: Problem) =>
  matrix.rows.filter((row) => row.problem === problem);

const byOf = ({ byItsClause, caughtBy }: Row) => byItsClause[0] ?? caughtBy[0] ?? 'nothing';

/** What came of one trial, in a few words. */
function findingOf({ fault, passed, leftOut, caughtBy, ...row }: Row): string {
  if (fault.expects === 'passed') {
    return [`${passed} passed`, ...(leftOut === 0 ? [] : [`${leftOut} left out`])].join(', ');
  }
  return `${byOf({ fault, passed, leftOut, caughtBy, ...row })}${caughtBy.length > 1 ? ` +${caughtBy.length - 1}` : ''}`;
}

function summary(report: FaultReport): string[] {
  const { matrix, cases, untouched, durationMs } = report;
  const count = (problem: Problem) => withProblem(report, problem).length;
  const total = matrix.rows.length;
  const untouchedLine = `the untouched one ${untouched.length === 0 ? 'is green' : `fails: ${untouched.join(', ')}`}`;
  const size = `${cases} cases, ${Math.round(durationMs / 1000)} s`;
  if (report.expects === 'passed') {
    const [alarms, leftOut] = [count('FALSE ALARM'), count('LEFT OUT WITHOUT NEED')];
    return [
      `${total} variations, ${size}`,
      `${total - alarms - leftOut} passed, ${alarms} with false alarms, ${leftOut} with cases left out without need`,
      untouchedLine,
    ];
  }
  return [
    `${total} mutants, ${size}`,
    `${total - count('SURVIVED')} caught, ${count('SURVIVED')} survived, ${count('MISSED')} not caught by a case of their clause`,
    ...(report.ownClauseOnly ? ['each mutant was held against the cases of its clause alone'] : []),
    ...(report.tellsIdle ? [`${matrix.idleCases.length} cases catch no mutant`] : []),
    untouchedLine,
  ];
}

/** The report for a terminal. */
export function renderText(report: FaultReport): string {
  const { matrix, unobservable } = report;
  const width = Math.max(0, ...matrix.rows.map(({ fault }) => fault.name.length));
  const lines = matrix.rows.map((row) => {
    const { name, clause } = row.fault;
    return `${name.padEnd(width)}  ${clause.padEnd(11)} ${row.problem === undefined ? '' : `${row.problem} `}${findingOf(row)}`;
  });
  const section = (title: string, items: readonly string[]) =>
    items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${item}`)];
  const faults = (problem: Problem, tell: (row: Row) => string) =>
    withProblem(report, problem).map((row) => `${row.fault.name} (${row.fault.clause}): ${tell(row)}`);
  return `${[
    ...lines,
    ...section(
      'Survivors:',
      faults('SURVIVED', ({ fault }) => fault.about),
    ),
    ...section(
      'Not caught by a case of their clause:',
      faults('MISSED', ({ caughtBy }) => `by ${caughtBy.join(', ')}`),
    ),
    ...section('False alarms:', falseAlarms(report)),
    ...section('Cases that catch no mutant:', report.tellsIdle ? matrix.idleCases : []),
    ...section(
      'Clauses that a black box cannot observe:',
      Object.entries(unobservable).map(([clause, reason]) => `${clause}: ${reason}`),
    ),
    '',
    ...summary(report),
  ].join('\n')}\n`;
}

function falseAlarms(report: FaultReport): string[] {
  return withProblem(report, 'FALSE ALARM').flatMap(({ fault, failed, neverReady }) =>
    (neverReady === undefined ? failed : [{ id: 'ready', summary: neverReady }]).map(
      ({ id, summary: why }) => `${fault.name} (${fault.clause}): ${id}: ${why}`,
    ),
  );
}

/** The report as Markdown. */
export function renderMarkdown(report: FaultReport): string {
  const caught = report.expects === 'caught';
  const escaped = (row: Row) => row.fault.about.replaceAll('|', '\\|');
  const table = caught
    ? [
        '## Which case catches which mutant',
        '',
        'The first case that names the clause, and how many others fail as well.',
        '',
        '| Mutant | Clause | Fault | Caught by | Others |',
        '| --- | --- | --- | --- | --- |',
        ...report.matrix.rows.map(
          (row) =>
            `| ${row.fault.name} | ${row.fault.clause} | ${escaped(row)} | ${byOf(row)} | ${Math.max(0, row.caughtBy.length - 1)} |`,
        ),
      ]
    : [
        '| Variation | Clause | Difference | Cases |',
        '| --- | --- | --- | --- |',
        ...report.matrix.rows.map(
          (row) => `| ${row.fault.name} | ${row.fault.clause} | ${escaped(row)} | ${findingOf(row)} |`,
        ),
      ];
  return `${[
    caught ? '# Mutants' : '# Variations',
    '',
    ...report.about,
    '',
    ...summary(report).map((line) => `- ${line}`),
    '',
    ...table,
    '',
    ...(report.tellsIdle ? idleLines(report.matrix.idleCases) : []),
    ...unobservableLines(report.unobservable),
  ].join('\n')}\n`;
}

function idleLines(ids: readonly string[]): string[] {
  const items = ids.length === 0 ? ['None.'] : ids.map((id) => `- ${id}`);
  return ['## Cases that catch no mutant', '', ...items, ''];
}

function unobservableLines(unobservable: FaultReport['unobservable']): string[] {
  const items = Object.entries(unobservable).map(([clause, reason]) => `- ${clause}: ${reason}`);
  return items.length === 0 ? [] : ['## What a black box cannot observe', '', ...items];
}

/** The report as JSON: every fault with every case that failed. */
export function renderJson(report: FaultReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
