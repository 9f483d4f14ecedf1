import type { LogLine } from '../../runners/runner.ts';
import type { RunResult } from '../engine/result.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Clause } from '../load/clauses.ts';

/** A clause, as far as reports show it. */
export type ReportedClause = Pick<Clause, 'id' | 'level' | 'weight' | 'text'>;

/** By clause id, in the order of the contract. */
export type ReportedClauses = ReadonlyMap<string, ReportedClause>;

/** The kit that made the report. */
export interface Tool {
  readonly name: string;
  readonly version: string;
}

/** A run that came as far as a ready target, and what it proves. */
export interface RunReport {
  readonly kind: 'run';
  readonly tool: Tool;
  readonly run: RunResult;
  readonly verdict: Verdict;
  readonly clauses: ReportedClauses;
  /** The command that runs this case again, for a shell. */
  readonly rerun: (caseId: string) => string;
}

/** A run that found no target to check. */
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
