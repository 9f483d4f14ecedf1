import type { CaseHead } from '../../conformance/index.ts';

/** What happened when the suite was held against one mutant. */
export interface Trial {
  readonly mutant: { readonly name: string; readonly clause: string; readonly about: string };
  /** The cases that failed, in the order of the suite. */
  readonly caughtBy: readonly string[];
  /** Set where the target never became ready, which catches it as well. */
  readonly neverReady?: string;
  readonly durationMs: number;
}

/** A mutant with what caught it. */
export interface Row extends Trial {
  /** Those of `caughtBy` whose cases name the mutant's clause. */
  readonly byItsClause: readonly string[];
}

/** Which case catches which mutant. */
export interface Matrix {
  readonly rows: readonly Row[];
  /** Mutants that nothing catches. */
  readonly survivors: readonly Row[];
  /** Mutants that are caught, but by no case that names their clause. */
  readonly missed: readonly Row[];
  /** Cases that catch no mutant. */
  readonly idleCases: readonly string[];
}

/** What waiting for a target to be ready checks. */
export const readiness = { id: 'ready', clauses: ['LIFE-1', 'LIFE-3', 'HEALTH-1'] } as const;

/**
 * Puts trials together.
 *
 * @param trials one for each mutant
 * @param cases those that every mutant was held against
 */
export function makeMatrix(
  trials: readonly Trial[],
  cases: readonly Pick<CaseHead, 'id' | 'clauses'>[],
): Matrix {
  const clausesOf = new Map<string, readonly string[]>(cases.map(({ id, clauses }) => [id, clauses]));
  clausesOf.set(readiness.id, readiness.clauses);
  const rows = trials.map((trial): Row => {
    const caughtBy = trial.neverReady === undefined ? trial.caughtBy : [readiness.id];
    const { clause } = trial.mutant;
    return { ...trial, caughtBy, byItsClause: caughtBy.filter((id) => clausesOf.get(id)?.includes(clause)) };
  });
  const busy = new Set(rows.flatMap(({ caughtBy }) => caughtBy));
  return {
    rows,
    survivors: rows.filter(({ caughtBy }) => caughtBy.length === 0),
    missed: rows.filter(({ caughtBy, byItsClause }) => caughtBy.length > 0 && byItsClause.length === 0),
    idleCases: cases.map(({ id }) => id).filter((id) => !busy.has(id)),
  };
}
