import type { CaseHead } from '../case/case.ts';
import type { CaseResult } from '../engine/result.ts';
import type { ExitCode, Verdict } from '../judge/verdict.ts';
import type { Report, ReportedClause, ReportedClauses, Tool } from '../report/report.ts';
import { type ClauseStanding, coverageOf, standingOf } from '../report/summary.ts';
import { count } from '../text/text.ts';

/** One implementation with its report. */
export interface Implementation {
  readonly name: string;
  readonly report: Report;
}

/**
 * The relation between the implementations in one case. `disagreement`: some passed and some failed, or they failed
 * with different responses. `uneven`: no implementation failed, but some did not check the case.
 */
export type Agreement = 'passed by all' | 'disagreement' | 'failed by all' | 'uneven';

/** The result of one case for each implementation. */
export interface CaseRow {
  readonly case: CaseHead;
  readonly agreement: Agreement;
  /** One result for each implementation, in their order. Undefined if the implementation could not be tested. */
  readonly results: readonly (CaseResult | undefined)[];
}

/** The standing of one clause for each implementation. */
export interface ClauseRow {
  readonly id: string;
  readonly clause: ReportedClause | undefined;
  /** One standing for each implementation, in their order. Undefined if the implementation could not be tested. */
  readonly standings: readonly (ClauseStanding | undefined)[];
}

/** A part of a matrix. The parts 1 to `of` are disjoint, and together they are the whole matrix. */
export interface MatrixShard {
  readonly index: number;
  readonly of: number;
  /** Names of the implementations of the whole matrix, in their order. */
  readonly targets: readonly string[];
}

/** The report of the same cases on several implementations. */
export interface MatrixReport {
  readonly kind: 'matrix';
  readonly tool: Tool;
  readonly level: 'core' | 'strict';
  /** Set if the report is a part of a matrix. It then makes no claim about the whole. */
  readonly shard?: MatrixShard;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** The implementations, in the order in which the configuration or command line lists their targets. */
  readonly implementations: readonly Implementation[];
  readonly clauses: ReportedClauses;
  readonly cases: readonly CaseRow[];
  readonly clauseRows: readonly ClauseRow[];
  readonly verdict: MatrixVerdict;
}

/** The inputs to a matrix. */
export type MatrixParts = Pick<
  MatrixReport,
  'tool' | 'level' | 'shard' | 'startedAt' | 'durationMs' | 'implementations' | 'clauses'
>;

/**
 * Combines the reports of several implementations. Drops the wire events of cases that all implementations passed,
 * because they are large and show no differences. A part of a matrix keeps them, because the other parts may differ.
 */
export function makeMatrix(parts: MatrixParts): MatrixReport {
  const cases = caseRows(parts.implementations);
  const agreed = new Set(parts.shard === undefined ? casesWith('passed by all', cases) : []);
  const implementations = parts.implementations.map(({ name, report }) => ({
    name,
    report: withoutWire(report, agreed),
  }));
  const whole = { ...parts, implementations, cases, clauseRows: clauseRows(parts) };
  return { kind: 'matrix', ...whole, verdict: judgeMatrix(whole) };
}

function casesWith(agreement: Agreement, rows: readonly CaseRow[]): readonly string[] {
  return rows.filter((row) => row.agreement === agreement).map((row) => row.case.id);
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
  const [only, another] = new Set(results.flatMap((result) => answerOf(result) ?? []));
  if (another !== undefined) return 'disagreement';
  if (only !== undefined && only !== 'passed') return 'failed by all';
  const tested = results.filter((result) => result !== undefined);
  return tested.every((result) => standingOf(result) === 'passed') ? 'passed by all' : 'uneven';
}

/** Returns a comparable form of the response: `passed`, or its differences from the expected response. */
function answerOf(result: CaseResult | undefined): string | undefined {
  if (result?.outcome.kind === 'passed') return 'passed';
  if (result?.outcome.kind !== 'failed') return undefined;
  const { step, summary, differences } = result.outcome.failure;
  // Runtimes generate names and long values, so those differ between implementations.
  const comparable = (actual: string): string => (actual.length <= 12 ? actual : '…');
  const where = differences.map(({ path, expected, actual }) => [path, expected, comparable(actual)]);
  const what = differences.length === 0 ? summary.replace(/"[^"]*"|\d+(\.\d+)?/g, '…') : where;
  return JSON.stringify([step?.line, what]);
}

function clauseRows({ implementations, clauses }: MatrixParts): readonly ClauseRow[] {
  const coverage = implementations.map(({ report }) => {
    const covered = report.kind === 'run' ? coverageOf(report.run, clauses) : [];
    return new Map(covered.map(({ clause, standing }) => [clause, standing]));
  });
  // The clauses in contract order, then unknown clauses.
  const ids = new Set([...clauses.keys(), ...coverage.flatMap((byClause) => [...byClause.keys()])]);
  return [...ids]
    .map((id) => ({ id, clause: clauses.get(id), standings: coverage.map((byClause) => byClause.get(id)) }))
    .filter(({ standings }) => standings.some((standing) => standing !== undefined));
}

/** The conclusion of a matrix. */
export interface MatrixVerdict {
  /** 1 if an implementation failed, otherwise 3 if one could not be tested, otherwise 0. */
  readonly exitCode: ExitCode;
  /** The verdict in one sentence: `3 of 3 implementations are conformant at strict: 299 cases, 171 clauses`. */
  readonly sentence: string;
  /** Names of the implementations by exit code. */
  readonly green: readonly string[];
  readonly red: readonly string[];
  readonly undecided: readonly string[];
  /** Ids of the cases in which the implementations disagree. */
  readonly disagreements: readonly string[];
}

type Unjudged = Omit<MatrixReport, 'kind' | 'verdict'>;

/** Judges a matrix. It is green only if every implementation is green. */
function judgeMatrix(matrix: Unjudged): MatrixVerdict {
  const withExitCode = (matching: (exitCode: ExitCode) => boolean): readonly string[] =>
    matrix.implementations
      .filter(({ report }) => matching(report.kind === 'run' ? report.verdict.exitCode : 3))
      .map(({ name }) => name);
  const facts = {
    green: withExitCode((exitCode) => exitCode === 0),
    red: withExitCode((exitCode) => exitCode === 1),
    undecided: withExitCode((exitCode) => exitCode > 1),
    disagreements: casesWith('disagreement', matrix.cases),
  };
  const exitCode = facts.red.length > 0 ? 1 : facts.undecided.length > 0 || facts.green.length === 0 ? 3 : 0;
  return { exitCode, sentence: sentenceOf(matrix, facts), ...facts };
}

function sentenceOf(
  { implementations, level, shard, cases, clauseRows }: Unjudged,
  { green, red, undecided, disagreements }: Omit<MatrixVerdict, 'exitCode' | 'sentence'>,
): string {
  const narrowed = implementations.some(
    ({ report }) => (report.kind === 'run' ? report.run : report).settings.narrowed,
  );
  const selected = narrowed ? 'the selected cases' : 'the cases';
  const ofShard = shard === undefined ? '' : ` of shard ${shard.index}/${shard.of}`;
  const isPart = narrowed || shard !== undefined;
  const held = isPart ? `pass ${selected}${ofShard}` : `are conformant at ${level}`;
  const share = `${green.length} of ${implementations.length} implementations ${held}`;
  if (red.length === 0 && undecided.length === 0) {
    const checked = `${count(cases.length, 'case')}, ${count(clauseRows.length, 'clause')}`;
    return `${share}${exceptions(implementations)}: ${checked}`;
  }
  const failing = `${red.join(', ')} ${red.length === 1 ? 'fails' : 'fail'}${isPart ? '' : ` at ${level}`}`;
  return [
    red.length > 0 && failing,
    undecided.length > 0 && `no verdict on ${undecided.join(', ')}`,
    share,
    disagreements.length > 0 && `they disagree on ${count(disagreements.length, 'case')}`,
  ]
    .filter(Boolean)
    .join('; ');
}

function exceptions(implementations: readonly Implementation[]): string {
  const total = (name: keyof Verdict['counts']): number =>
    implementations.reduce(
      (sum, { report }) => sum + (report.kind === 'run' ? report.verdict.counts[name] : 0),
      0,
    );
  const [known, advice, skipped] = [total('knownFailures'), total('advice'), total('skipped')];
  return [
    known > 0 && ` except for ${count(known, 'known failure')}`,
    advice > 0 && ` with ${count(advice, 'case')} against advice`,
    skipped > 0 && ` in the cases that ran (${skipped} skipped)`,
  ]
    .filter(Boolean)
    .join(',');
}
