import type { FaultClause, FaultsPage, FaultsReportJson, TriedFault } from '../../../data/faults.ts';
import type { Tone } from '../../model/standing.ts';

/** The result of a trial, in the order in which lists show it. */
export const results = [
  'survived',
  'caught by another clause',
  'false alarm',
  'unexpected skips',
  'caught',
  'passed',
] as const;

export type Result = (typeof results)[number];

/** A fault with its result. */
export interface Fault extends TriedFault {
  readonly result: Result;
  /** The prefix of the clause. */
  readonly family: string;
  /** The first failed case whose step checks the clause of the fault, or else the first failed case. */
  readonly firstCatch?: string;
  /** Whether the first finding names the clause of the fault. Undefined if the trial had no findings. */
  readonly isPrecise?: boolean;
  readonly haystack: string;
}

/** The faults of the clauses with one prefix. */
export interface Family {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly clauses: number;
}

/** The faults, indexed for views. */
export interface FaultsModel {
  readonly report: FaultsReportJson;
  /** Problems first, then in the order of the report. */
  readonly faults: readonly Fault[];
  readonly byName: ReadonlyMap<string, Fault>;
  readonly families: readonly Family[];
  readonly clauseById: ReadonlyMap<string, FaultClause>;
}

const names: Readonly<Record<NonNullable<TriedFault['problem']>, Result>> = {
  SURVIVED: 'survived',
  MISSED: 'caught by another clause',
  'FALSE ALARM': 'false alarm',
  'UNEXPECTED SKIPS': 'unexpected skips',
};

/** Indexes faults. */
export function faultsModelOf({ report }: FaultsPage): FaultsModel {
  const faults = report.faults
    .map((each) => faultOf(each, report.expects))
    .sort((one, other) => results.indexOf(one.result) - results.indexOf(other.result));
  const order = [...new Set(report.faults.map(({ clause }) => familyOf(clause)))];
  return {
    report,
    faults,
    byName: new Map(faults.map((fault) => [fault.name, fault])),
    families: order.map((name) => {
      const own = faults.filter(({ family }) => family === name);
      return { name, faults: own, clauses: new Set(own.map(({ clause }) => clause)).size };
    }),
    clauseById: new Map(report.clauses.map((clause) => [clause.id, clause])),
  };
}

function faultOf(fault: TriedFault, expects: FaultsReportJson['expects']): Fault {
  const { name, clause, about, problem, failed, neverReady, firstFinding } = fault;
  const own = failed.find(({ clauses }) => clauses.includes(clause)) ?? failed[0];
  const firstCatch = neverReady === undefined ? own?.id : 'ready';
  const right = expects === 'caught' ? 'caught' : 'passed';
  return {
    ...fault,
    result: problem === undefined ? right : names[problem],
    family: familyOf(clause),
    firstCatch,
    isPrecise: firstFinding === undefined ? undefined : firstFinding === clause,
    haystack: [name, clause, about, ...failed.map(({ id }) => id)].join('\n').toLowerCase(),
  };
}

function familyOf(clause: string): string {
  return clause.replace(/-\d+$/, '');
}

/** Returns the colour of a result. */
export function resultTone(result: Result): Tone {
  switch (result) {
    case 'caught':
    case 'passed':
      return 'passed';
    case 'survived':
    case 'false alarm':
      return 'failed';
    default:
      return 'blocked';
  }
}

const meanings: Readonly<Record<Result, string>> = {
  survived: 'no case failed, so the suite does not detect this fault',
  'caught by another clause': 'a case failed, but none in a step that checks the clause of the fault',
  'false alarm': 'the contract permits this difference, but a case failed',
  'unexpected skips': 'cases were skipped although the variation serves everything',
  caught: 'a case of the clause failed',
  passed: 'all cases passed, as the contract permits this difference',
};

/** Returns the meaning of a result in a few words, for legends. */
export function resultMeaning(result: Result): string {
  return meanings[result];
}

/** Counts faults by the number of clauses that their reports declare violated. */
export function violatedCounts(
  faults: readonly Fault[],
): readonly (readonly [clauses: number, faults: number])[] {
  const counts = new Map<number, number>();
  for (const { violated } of faults) counts.set(violated.length, (counts.get(violated.length) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => one - other);
}
