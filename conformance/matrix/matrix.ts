import type { CaseHead } from '../case/case.ts';
import type { CaseResult } from '../engine/result.ts';
import type { Report, ReportedClause, ReportedClauses, Tool } from '../report/report.ts';
import { type ClauseStanding, coverageOf, standingOf } from '../report/summary.ts';
import { judgeMatrix, type MatrixVerdict } from './judge-matrix.ts';

/** One implementation of a matrix and how it fared. */
export interface Implementation {
  readonly name: string;
  readonly report: Report;
}

/**
 * How the implementations stand to each other in a case. `disagreement`: some passed and some failed, or they failed with
 * different answers. `uneven`: nobody failed, but not all of them could be, or had to be, checked.
 */
export type Agreement = 'passed by all' | 'disagreement' | 'failed by all' | 'uneven';

/** A case by implementation. */
export interface CaseRow {
  readonly case: CaseHead;
  readonly agreement: Agreement;
  /** In the order of the implementations; undefined for one that could not be tested. */
  readonly results: readonly (CaseResult | undefined)[];
}

/** A clause by implementation. */
export interface ClauseRow {
  readonly id: string;
  readonly clause: ReportedClause | undefined;
  /** In the order of the implementations; undefined for one that could not be tested. */
  readonly standings: readonly (ClauseStanding | undefined)[];
}

/** The same cases on several implementations. */
export interface MatrixReport {
  readonly kind: 'matrix';
  readonly tool: Tool;
  readonly level: 'core' | 'strict';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** In the order in which they were named. */
  readonly implementations: readonly Implementation[];
  readonly clauses: ReportedClauses;
  readonly cases: readonly CaseRow[];
  readonly clauseRows: readonly ClauseRow[];
  readonly verdict: MatrixVerdict;
}

/** What a matrix is put together from. */
export type MatrixParts = Pick<
  MatrixReport,
  'tool' | 'level' | 'startedAt' | 'durationMs' | 'implementations' | 'clauses'
>;

/**
 * Puts the reports of the implementations side by side. Wire events of cases that all passed are dropped: nobody asks for
 * them, and they are most of what was kept.
 */
export function makeMatrix(parts: MatrixParts): MatrixReport {
  const cases = caseRows(parts.implementations);
  const agreed = new Set(
    cases.filter(({ agreement }) => agreement === 'passed by all').map((row) => row.case.id),
  );
  const implementations = parts.implementations.map(({ name, report }) => ({
    name,
    report: withoutWire(report, agreed),
  }));
  const whole = { ...parts, implementations, cases, clauseRows: clauseRows(parts) };
  return { kind: 'matrix', ...whole, verdict: judgeMatrix(whole) };
}

function withoutWire(report: Report, caseIds: ReadonlySet<string>): Report {
  if (report.kind !== 'run') return report;
  const results = report.run.results.map((result) =>
    caseIds.has(result.case.id) ? { ...result, wire: [] } : result,
  );
  return { ...report, run: { ...report.run, results } };
}

function caseRows(implementations: readonly Implementation[]): readonly CaseRow[] {
  const heads = new Map<string, CaseHead>();
  const byImplementation = implementations.map(({ report }) => {
    if (report.kind !== 'run') return undefined;
    for (const result of report.run.results) heads.set(result.case.id, result.case);
    return new Map(report.run.results.map((result) => [result.case.id, result]));
  });
  return [...heads.values()].map((head) => {
    const results = byImplementation.map((byId) => byId?.get(head.id));
    return { case: head, results, agreement: agreementOf(results) };
  });
}

function agreementOf(results: readonly (CaseResult | undefined)[]): Agreement {
  const answers = new Set(results.flatMap((result) => answerOf(result) ?? []));
  if (answers.size > 1) return 'disagreement';
  const [only] = answers;
  if (only !== undefined && only !== passedOutcome) return 'failed by all';
  const tested = results.filter((result) => result !== undefined);
  return tested.every((result) => standingOf(result) === 'passed') ? 'passed by all' : 'uneven';
}

const passedOutcome = 'passed';

/** What the implementation answered, in so far as it can be compared: passed, or how it differs from what is expected. */
function answerOf(result: CaseResult | undefined): string | undefined {
  if (result?.outcome.kind === 'passed') return passedOutcome;
  if (result?.outcome.kind !== 'failed') return undefined;
  const { step, summary, differences } = result.outcome.failure;
  const where = differences.map(({ path, expected, actual }) => [path, expected, comparable(actual)]);
  return JSON.stringify([step?.line, differences.length === 0 ? withoutNames(summary) : where]);
}

/** What can be compared between runtimes: a status, a word, that nothing is there. Longer values hold what is made up. */
function comparable(actual: string): string {
  return actual.length <= 12 ? actual : '…';
}

/** Names that a runtime makes up differ from one to the next and say nothing. */
function withoutNames(text: string): string {
  return text.replace(/"[^"]*"|\d+(\.\d+)?/g, '…');
}

function clauseRows({ implementations, clauses }: MatrixParts): readonly ClauseRow[] {
  const coverage = implementations.map(({ report }) =>
    report.kind === 'run'
      ? new Map(coverageOf(report.run, clauses).map(({ clause, standing }) => [clause, standing]))
      : undefined,
  );
  const checked = new Set(coverage.flatMap((byClause) => [...(byClause?.keys() ?? [])]));
  const known = [...clauses.keys()].filter((id) => checked.has(id));
  const unknown = [...checked].filter((id) => !clauses.has(id));
  return [...known, ...unknown].map((id) => ({
    id,
    clause: clauses.get(id),
    standings: coverage.map((byClause) => byClause?.get(id)),
  }));
}
