import type { LogLine } from '../../runners/runner.ts';
import type { RunResult } from '../engine/result.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Clause } from '../load/clauses.ts';

/** The part of a clause that reports show. */
export type ReportedClause = Pick<Clause, 'id' | 'level' | 'weight' | 'text'> &
  Partial<Pick<Clause, 'section'>>;

/** By clause id, in the order of the contract. */
export type ReportedClauses = ReadonlyMap<string, ReportedClause>;

/** The name and version of the kit that made the report. */
export interface Tool {
  readonly name: string;
  readonly version: string;
}

/** The report of a run whose target became ready. */
export interface RunReport {
  readonly kind: 'run';
  readonly tool: Tool;
  readonly run: RunResult;
  readonly verdict: Verdict;
  readonly clauses: ReportedClauses;
  /**
   * Returns the shell command that reruns this case or, without an id, checks the whole target again. Empty if several
   * commands made the report.
   */
  readonly rerun: (caseId?: string) => string;
}

/** The report of a run whose target could not be tested. */
export interface NoTargetReport {
  readonly kind: 'no-target';
  readonly tool: Tool;
  readonly target: { readonly label: string; readonly kind: string };
  readonly settings: RunResult['settings'];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly advice: string;
    readonly logs: readonly LogLine[];
  };
}

export type Report = RunReport | NoTargetReport;
