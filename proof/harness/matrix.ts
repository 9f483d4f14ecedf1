import type { CaseHead } from '../../conformance/index.ts';
import type { Trial } from './subject.ts';

/** Reason why a trial did not end as expected. */
export type Problem = 'SURVIVED' | 'MISSED' | 'FALSE ALARM' | 'LEFT OUT WITHOUT NEED';

/** A judged trial. */
export interface Row extends Trial {
  /** Ids of the cases that failed, or `ready` if the target never became ready. */
  readonly caughtBy: readonly string[];
  /** Ids from `caughtBy` whose case names the fault's clause. */
  readonly byItsClause: readonly string[];
  readonly problem?: Problem;
}

/** Judged trials of a run, one row per fault or variation. */
export interface Matrix {
  readonly rows: readonly Row[];
  /** Cases that catch no fault. */
  readonly idleCases: readonly string[];
}

/** Clauses that the wait for a ready target checks, as a pseudo case. */
export const readiness = { id: 'ready', clauses: ['LIFE-1', 'LIFE-3', 'HEALTH-1'] } as const;

/** Judges trials. @param cases the suite that ran against them */
export function makeMatrix(
  trials: readonly Trial[],
  cases: readonly Pick<CaseHead, 'id' | 'clauses'>[],
): Matrix {
  const clausesOf = new Map<string, readonly string[]>(cases.map(({ id, clauses }) => [id, clauses]));
  clausesOf.set(readiness.id, readiness.clauses);
  const rows = trials.map((trial): Row => {
    const caughtBy = trial.neverReady === undefined ? trial.failed.map(({ id }) => id) : [readiness.id];
    const byItsClause = caughtBy.filter((id) => clausesOf.get(id)?.includes(trial.fault.clause));
    return { ...trial, caughtBy, byItsClause, problem: problemOf(trial, caughtBy, byItsClause) };
  });
  const busy = new Set(rows.flatMap(({ caughtBy }) => caughtBy));
  return { rows, idleCases: cases.map(({ id }) => id).filter((id) => !busy.has(id)) };
}

function problemOf(
  { fault, leftOut }: Trial,
  caughtBy: readonly string[],
  byItsClause: readonly string[],
): Problem | undefined {
  if (fault.expects === 'caught') {
    if (caughtBy.length === 0) return 'SURVIVED';
    return byItsClause.length === 0 ? 'MISSED' : undefined;
  }
  if (caughtBy.length > 0) return 'FALSE ALARM';
  return leftOut > 0 && fault.servesLess !== true ? 'LEFT OUT WITHOUT NEED' : undefined;
}
