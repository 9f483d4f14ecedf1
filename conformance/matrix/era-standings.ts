import { type Era, eras, erasOf } from '../case/era.ts';
import { type ClauseStanding, coverageOf } from '../report/summary.ts';
import type { MatrixReport } from './matrix.ts';

/** The standings of the clauses in one era. */
export interface EraStandings {
  readonly era: Era;
  /**
   * By clause id, one standing for each implementation, in their order. Undefined for an implementation that was not
   * checked in this era.
   */
  readonly clauses: ReadonlyMap<string, readonly (ClauseStanding | undefined)[]>;
}

/** Returns the standings of the clauses in each era in which an implementation was checked. */
export function standingsByEra({ implementations, clauses }: MatrixReport): readonly EraStandings[] {
  return eras.flatMap((era) => {
    const coverage = implementations.map(({ report }) => {
      if (report.kind !== 'run' || report.run.target.eras?.checked.includes(era) !== true) return undefined;
      const results = report.run.results.filter((result) => erasOf(result.case).includes(era));
      const covered = coverageOf({ ...report.run, results }, clauses);
      return new Map(covered.map(({ clause, standing }) => [clause, standing]));
    });
    if (coverage.every((byClause) => byClause === undefined)) return [];
    const ids = new Set(coverage.flatMap((byClause) => [...(byClause?.keys() ?? [])]));
    const standings = (id: string) => coverage.map((byClause) => byClause?.get(id));
    return [{ era, clauses: new Map([...ids].map((id) => [id, standings(id)])) }];
  });
}
