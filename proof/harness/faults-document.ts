import type { FaultsReportJson, TriedFault } from '../../conformance/formats/html/data/faults.ts';
import type { Clauses, Tool } from '../../conformance/index.ts';
import { isolationOf, scoredRows } from './isolation.ts';
import type { FaultKind } from './kinds.ts';
import type { Row } from './matrix.ts';
import { type FaultReport, isGood, problemsOf, summaryOf } from './report.ts';

/** The circumstances of a fault run. */
export interface FaultRun {
  readonly kind: FaultKind;
  readonly tool: Tool;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The shell command of the run. */
  readonly command: string;
  readonly clauses: Clauses;
}

/** Returns the report of a fault run as a JSON value, with every failed case of every fault. */
export function faultsDocument(report: FaultReport, run: FaultRun): FaultsReportJson {
  const { matrix, expects, cases, untouched, unobservable, tellsIdle } = report;
  const named = new Set([...matrix.rows.map(({ fault }) => fault.clause), ...Object.keys(unobservable)]);
  return {
    schemaVersion: '1.0',
    kind: 'faults',
    tool: run.tool,
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: Math.round(report.durationMs),
    command: run.command,
    subject: run.kind,
    expects,
    cases,
    wholeSuite: matrix.rows.every(({ wholeSuite }) => wholeSuite),
    verdict: { good: isGood(report), summary: summaryOf(report), problems: problemsOf(report) },
    isolation: expects === 'caught' && scoredRows(matrix).length > 0 ? isolationOf(matrix) : undefined,
    untouched,
    faults: matrix.rows.map(triedFault),
    idleCases: tellsIdle ? matrix.idleCases : undefined,
    unobservable,
    clauses: [...run.clauses.values()]
      .filter(({ id }) => named.has(id))
      .map(({ id, level, weight, text }) => ({ id, level, weight, text })),
  };
}

function triedFault({ fault: { name, clause, about }, ...trial }: Row): TriedFault {
  const { problem, neverReady, violated, firstFinding, passed, skipped, durationMs } = trial;
  const failed = trial.failed.map(({ id, summary, clauses }) => ({ id, summary, clauses }));
  const results = { failed, neverReady, violated, firstFinding };
  return { name, clause, about, problem, ...results, passed, skipped, durationMs };
}
