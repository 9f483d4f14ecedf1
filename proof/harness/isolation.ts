import type { FaultFacts } from './fault.ts';
import type { Matrix, Row } from './matrix.ts';

/** How precisely the reports of runs with the whole suite name the broken clause. */
export interface Isolation {
  /** Faults whose first finding names a clause that the fault breaks. */
  readonly right: number;
  /** Faults with findings. A fault that keeps the target from becoming ready has none. */
  readonly total: number;
  /** Violated clauses per fault. */
  readonly median: number;
  readonly most: number;
}

/** Maximum number of violated clauses that a report on one fault may name. */
export const mostViolated = 5;
/** Share of the faults whose first finding must name a broken clause. */
export const shareRight = 0.95;
/** Median number of violated clauses that the reports may name. */
export const medianViolated = 1;
/** Minimum number of faults for a meaningful share and median. */
const fewestScored = 20;

/** The rows with a score: faults that ran against the whole suite and whose reports have findings. */
export function scoredRows({ rows }: Matrix): readonly Row[] {
  return rows.filter(({ wholeSuite, firstFinding }) => wholeSuite && firstFinding !== undefined);
}

/** The clauses that a fault breaks: its own, and those that it breaks by definition. */
export function brokenClauses({ clause, alsoBreaks = [] }: FaultFacts): readonly string[] {
  return [clause, ...alsoBreaks.map((other) => other.clause)];
}

/** Returns whether the first finding about a fault names a clause that the fault breaks. */
export function isRight({ firstFinding, fault }: Row): boolean {
  return firstFinding !== undefined && brokenClauses(fault).includes(firstFinding);
}

/** Returns whether the report on a scored fault names other clauses first, or too many. */
export function isImprecise(row: Row): boolean {
  return !isRight(row) || row.violated.length > mostViolated;
}

/** Returns whether the scores are as good as the proof requires. */
export function isPrecise({ right, total, median, most }: Isolation): boolean {
  const scored = total < fewestScored || (right >= shareRight * total && median <= medianViolated);
  return scored && most <= mostViolated;
}

/** Scores the reports on the faults that ran against the whole suite. */
export function isolationOf(matrix: Matrix): Isolation {
  const scored = scoredRows(matrix);
  const counts = scored.map(({ violated }) => violated.length).sort((one, other) => one - other);
  return {
    right: scored.filter(isRight).length,
    total: scored.length,
    median: counts[Math.floor(counts.length / 2)] ?? 0,
    most: counts.at(-1) ?? 0,
  };
}

/** Describes the scores, one line each. Empty without scored faults. */
export function isolationLines(matrix: Matrix): readonly string[] {
  const { right, total, median, most } = isolationOf(matrix);
  if (total === 0) return [];
  const share = ((100 * right) / total).toFixed(1);
  return [
    `the first finding names the broken clause for ${right} of ${total} faults (${share} %)`,
    `violated clauses per fault: median ${median}, most ${most}`,
  ];
}
