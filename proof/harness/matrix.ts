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
export const readiness = { id: 'ready', clauses: ['LIFE-1', 'LIFE-3', 'HEALTH-1'] } as const;

/** Judges trials. @param cases the suite that the faults were tried on */
export function makeMatrix(trials: readonly Trial[], cases: readonly Pick<CaseHead, 'id'>[]): Matrix {
  const rows = trials.map((trial): Row => {
    const catches = trial.neverReady === undefined ? trial.failed : [readiness];
    const caughtBy = catches.map(({ id }) => id);
    const byItsClause = catches
      .filter(({ clauses }) => clauses.some((clause) => clause === trial.fault.clause))
      .map(({ id }) => id);
    const violated = [...new Set(catches.flatMap(({ clauses }) => clauses))];
    return { ...trial, caughtBy, byItsClause, violated, problem: problemOf(trial, caughtBy, byItsClause) };
  });
  const busy = new Set(rows.flatMap(({ caughtBy }) => caughtBy));
  return { rows, idleCases: cases.map(({ id }) => id).filter((id) => !busy.has(id)) };
}

/** How precisely the reports of runs against faults name the broken clause. */
export interface Isolation {
  /** Faults whose first finding names the fault's clause, and faults with findings. */
  readonly right: number;
  readonly total: number;
  /** Violated clauses per fault. */
  readonly median: number;
  readonly most: number;
}

/** Maximum number of violated clauses that a report on one fault may name. */
export const mostViolated = 5;
/** Share of the faults whose first finding must name the broken clause. */
const shareRight = 0.95;
/** Number of faults from which the share and the median say something. */
const fewestScored = 20;

/** Returns whether a report names other clauses first, or too many. Faults that prevented readiness have no findings. */
export function isImprecise({ firstFinding, fault, violated }: Row): boolean {
  return firstFinding !== undefined && (firstFinding !== fault.clause || violated.length > mostViolated);
}

/** Whether the scores are as good as the proof requires. */
export function isPrecise({ right, total, median, most }: Isolation): boolean {
  const scored = total < fewestScored || (right >= shareRight * total && median <= 1);
  return scored && most <= mostViolated;
}

/** Scores the reports on caught faults. Faults that kept the target from becoming ready have no findings. */
export function isolationOf({ rows }: Matrix): Isolation {
  const judged = rows.filter(({ firstFinding }) => firstFinding !== undefined);
  const counts = judged.map(({ violated }) => violated.length).sort((one, other) => one - other);
  return {
    right: judged.filter(({ firstFinding, fault }) => firstFinding === fault.clause).length,
    total: judged.length,
    median: counts[Math.floor(counts.length / 2)] ?? 0,
    most: counts.at(-1) ?? 0,
  };
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
