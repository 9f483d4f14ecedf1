import { type Era, erasOf } from '../case/era.ts';
import type { EraFacts, RunResult } from '../engine/result.ts';
import { count } from '../text/text.ts';
import type { ReportedClauses } from './report.ts';
import { type Counts, countsInWords, countsOf, coverageOf, preventsGreen, standingOf } from './summary.ts';

/** The outcome of a run in one era of MCP. A case that applies to both eras counts in each. */
export interface EraSummary {
  readonly era: Era;
  readonly counts: Counts;
  readonly cases: {
    /** Without cases of capabilities that the target does not declare. */
    readonly total: number;
    readonly passed: number;
    /** Cases that prevent a green run. */
    readonly failing: number;
  };
  readonly clauses: {
    /** Without clauses of capabilities that the target does not declare. */
    readonly checked: number;
    readonly held: number;
    /** Ids of the clauses that a failing step checks, in the order of the contract. */
    readonly violated: readonly string[];
  };
}

/** Returns the eras to show side by side: those with cases, if there are several. */
export function erasSideBySide(run: RunResult, clauses: ReportedClauses): readonly EraSummary[] {
  const withCases = eraSummaries(run, clauses).filter(({ cases }) => cases.total > 0);
  return withCases.length > 1 ? withCases : [];
}

/** Summarizes a run in each era in which the target was checked. */
export function eraSummaries(run: RunResult, clauses: ReportedClauses): readonly EraSummary[] {
  return (run.target.eras?.checked ?? []).map((era) => {
    const results = run.results.filter((result) => erasOf(result.case).includes(era));
    const counts = countsOf(results);
    const coverage = coverageOf({ ...run, results }, clauses).filter(
      ({ standing }) => standing !== 'not declared',
    );
    const having = (name: string) => coverage.filter(({ standing }) => standing === name);
    return {
      era,
      counts,
      cases: {
        total: results.length - counts['not declared'],
        passed: counts.passed,
        failing: results.filter((result) => preventsGreen(standingOf(result))).length,
      },
      clauses: {
        checked: coverage.length,
        held: having('held').length,
        violated: having('violated').map(({ clause }) => clause),
      },
    };
  });
}

/** Describes the outcome in one era: `43 cases: 42 passed, 1 failed`, and `20 of 21 clauses held: not MODERN-4`. */
export function eraInWords({
  counts,
  cases,
  clauses,
}: EraSummary): readonly [cases: string, clauses: string] {
  const { checked, held, violated } = clauses;
  const broken = violated.length === 0 ? '' : `, violated: ${violated.join(', ')}`;
  return [
    `${count(cases.total, 'case')}: ${countsInWords({ ...counts, 'not declared': 0 })}`,
    `${held} of ${count(checked, 'clause')} held${broken}`,
  ];
}

/**
 * Describes the eras in which a target was checked, and the reason for them. Undefined for a runtime that declares only
 * the legacy era, and for a gateway checked in both, because these are the usual eras.
 */
export function erasInWords({ checked, origin, leftOut }: EraFacts): string | undefined {
  if (origin === 'default' || (origin === 'declared' && !checked.includes('modern'))) return undefined;
  const isAlone = checked.length === 1;
  const reason =
    origin === 'requested' ? 'requested' : `the target declares ${isAlone ? 'no other' : 'both'}`;
  const others = isAlone && leftOut > 0 ? `; ${count(leftOut, 'case')} of the other era left out` : '';
  return `${checked.join(' and ')} (${reason})${others}`;
}
