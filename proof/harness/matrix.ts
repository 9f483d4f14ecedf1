import type { CaseHead } from '../../conformance/index.ts';
import type { Trial } from './subject.ts';

/** Why a trial did not have the expected result. */
export type Problem = 'SURVIVED' | 'MISSED' | 'FALSE ALARM' | 'UNEXPECTED SKIPS';

/** A judged trial. */
export interface Row extends Trial {
  /** Ids of the cases that failed, or `ready` if the target never became ready. */
  readonly caughtBy: readonly string[];
  /** The cases in `caughtBy` whose failing step checks the fault's clause. */
  readonly byItsClause: readonly string[];
  /** The clauses that the report of the run declares violated. */
  readonly violated: readonly string[];
  readonly problem?: Problem;
}

/** Judged trials of a run, one row per fault or variation. */
export interface Matrix {
  readonly rows: readonly Row[];
  /** Cases that catch no fault. */
  readonly idleCases: readonly string[];
}

/** The clauses that the kit checks while it waits for a ready target, as a pseudo case. */
export const readiness = {
  id: 'ready',
  clauses: ['LIFE-1', 'LIFE-3', 'HEALTH-1', 'HTTP-1', 'HTTP-2'],
} as const;

/** Judges trials. @param cases the suite that the faults were tried on */
export function makeMatrix(trials: readonly Trial[], cases: readonly Pick<CaseHead, 'id'>[]): Matrix {
  const rows = trials.map((trial): Row => {
    const catches = trial.neverReady === undefined ? trial.failed : [readiness];
    const caughtBy = catches.map(({ id }) => id);
    const byItsClause = catches
      .filter(({ clauses }) => clauses.some((clause) => clause === trial.fault.clause))
      .map(({ id }) => id);
    const violations =
      trial.neverReady === undefined ? trial.failed.filter(({ isAdvice }) => !isAdvice) : catches;
    const violated = [...new Set(violations.flatMap(({ clauses }) => clauses))];
    return { ...trial, caughtBy, byItsClause, violated, problem: problemOf(trial, caughtBy, byItsClause) };
  });
  const busy = new Set(rows.flatMap(({ caughtBy }) => caughtBy));
  return { rows, idleCases: cases.map(({ id }) => id).filter((id) => !busy.has(id)) };
}

function problemOf(
  { fault, skipped }: Trial,
  caughtBy: readonly string[],
  byItsClause: readonly string[],
): Problem | undefined {
  if (fault.expects === 'caught') {
    if (caughtBy.length === 0) return 'SURVIVED';
    return byItsClause.length === 0 ? 'MISSED' : undefined;
  }
  if (caughtBy.length > 0) return 'FALSE ALARM';
  return skipped > 0 && fault.servesLess !== true ? 'UNEXPECTED SKIPS' : undefined;
}
