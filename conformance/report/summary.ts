import { groupBy } from '../../base/group.ts';
import type { CaseOutcome, CaseResult, RunResult, TargetFacts } from '../engine/result.ts';
import type { Verdict } from '../judge/verdict.ts';
import { count } from '../text/text.ts';
import type { ReportedClauses } from './report.ts';

/** The standings, in the order in which they are told. */
const allStandings = [
  'passed',
  'failed',
  'blocked',
  'stale',
  'broken',
  'not run',
  'known failure',
  'advice',
  'skipped',
  'not declared',
] as const;

/** What a result means for the verdict: an outcome, with known failures, stale entries and advice told apart. */
export type Standing = (typeof allStandings)[number];

/** What decides about a standing, in a result or in a report of one. */
export interface StandingFacts extends Pick<CaseResult, 'known'> {
  readonly case: { readonly advisory?: boolean };
  readonly outcome: Pick<CaseOutcome, 'kind'>;
}

export function standingOf({ case: head, outcome, known }: StandingFacts): Standing {
  switch (outcome.kind) {
    case 'passed':
      return known === undefined ? 'passed' : 'stale';
    case 'failed':
      if (known !== undefined) return 'known failure';
      return head.advisory ? 'advice' : 'failed';
    case 'not-declared':
      return 'not declared';
    case 'not-run':
      return 'not run';
    case 'blocked':
      return known === undefined ? 'blocked' : 'known failure';
    default:
      return outcome.kind;
  }
}

/** Why a case did not pass, in one line; empty where it did. */
export function reasonOf({ outcome, known }: CaseResult): string {
  switch (outcome.kind) {
    case 'passed':
      return known === undefined ? '' : `listed as a known failure: ${known.reason}`;
    case 'failed':
      return outcome.failure.summary;
    case 'blocked':
      return `blocked by ${outcome.by.clause} (${outcome.by.case}): ${outcome.failure.summary}`;
    case 'not-declared':
      return `capability ${outcome.capability} is not declared`;
    default:
      return outcome.reason;
  }
}

/** How many results have each standing. */
export type Counts = Readonly<Record<Standing, number>>;

export interface SuiteSummary {
  readonly suite: string;
  readonly counts: Counts;
  /** Sum of the cases' own times, in milliseconds; cases run side by side. */
  readonly durationMs: number;
  readonly results: readonly CaseResult[];
}

/** The results by suite, in the order in which suites first occur. */
export function suitesOf(results: readonly CaseResult[]): readonly SuiteSummary[] {
  return [...groupBy(results, (result) => result.case.suite)].map(([suite, own]) => {
    const durationMs = own.reduce((sum, result) => sum + result.durationMs, 0);
    return { suite, counts: countsOf(own), durationMs, results: own };
  });
}

/** Counts results by standing. */
export function countsOf(results: readonly CaseResult[]): Counts {
  const standings = results.map(standingOf);
  return Object.fromEntries(
    allStandings.map((standing) => [standing, standings.filter((each) => each === standing).length]),
  ) as Counts;
}

/** `24 passed, 1 failed, 3 skipped`: the counts that are not zero. */
export function countsInWords(counts: Counts): string {
  return allStandings
    .filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${wording(standing, counts[standing])}`)
    .join(', ');
}

/** The standing in words. */
export function wording(standing: Standing, amount: number): string {
  const [one, more = one] = wordings[standing] ?? [standing];
  return amount === 1 ? one : more;
}

/** For one case and, where that differs, for several. */
const wordings: Readonly<Partial<Record<Standing, readonly [string, string?]>>> = {
  'known failure': ['known failure', 'known failures'],
  advice: ['against advice'],
  stale: ['stale known failure', 'stale known failures'],
  broken: ['could not be carried out'],
  'not run': ['did not run'],
};

/**
 * The outcome for a clause. It is violated only by a failing step that checks it, `not followed` if it is advice. A case
 * that failed elsewhere, was blocked or did not run proves nothing: then the clause is `not proven`, or `partly held` if
 * other cases that check it passed.
 */
export type ClauseStanding =
  | 'held'
  | 'violated'
  | 'known failure'
  | 'not followed'
  | 'partly held'
  | 'not proven'
  | 'not declared';

export interface ClauseCoverage {
  readonly clause: string;
  readonly level: string;
  readonly weight: string;
  readonly standing: ClauseStanding;
  /** Ids of the cases of this run that check it. */
  readonly cases: readonly string[];
}

/** Every clause that a case of the run names, in the order of the contract; unknown ones last. */
export function coverageOf(run: RunResult, clauses: ReportedClauses): readonly ClauseCoverage[] {
  const pairs = run.results.flatMap((result) =>
    [...new Set([...result.case.clauses, ...violatedBy(result)])].map((id) => ({ id, result })),
  );
  const byClause = groupBy(pairs, ({ id }) => id);
  const ids = new Set([...clauses.keys(), ...byClause.keys()]);
  return [...ids].flatMap((id) => {
    const results = byClause.get(id)?.map(({ result }) => result);
    if (results === undefined) return [];
    const { level = 'unknown', weight = 'unknown' } = clauses.get(id) ?? {};
    const standing = clauseStanding(new Set(results.map((result) => standingFor(id, result))));
    return [{ clause: id, level, weight, standing, cases: results.map((result) => result.case.id) }];
  });
}

/** The standing of a result for one of the case's clauses: a failure concerns only those that the failing step checks. */
function standingFor(clause: string, result: CaseResult): Standing {
  const isElsewhere = result.outcome.kind === 'failed' && !violatedBy(result).includes(clause);
  return isElsewhere ? 'blocked' : standingOf(result);
}

/** The clauses that the failing step of a case checks. */
function violatedBy({ outcome }: CaseResult): readonly string[] {
  return outcome.kind === 'failed' ? outcome.failure.clauses : [];
}

function clauseStanding(standings: ReadonlySet<Standing>): ClauseStanding {
  const passed = standings.has('passed') || standings.has('stale');
  if (standings.has('failed')) return 'violated';
  if (standings.has('known failure')) return 'known failure';
  if (standings.has('advice')) return 'not followed';
  const proven = ['passed', 'stale', 'not declared'] satisfies Standing[];
  if ([...standings].some((standing) => !proven.some((each) => each === standing))) {
    return passed ? 'partly held' : 'not proven';
  }
  return passed ? 'held' : 'not declared';
}

/** A list that a verdict comes with. Without a name, an item speaks for itself. */
export interface VerdictList {
  readonly title: string;
  readonly items: readonly { readonly name?: string; readonly text: string }[];
}

/** What fails and does not count, and what fails although no case does. Empty lists are left out. */
export function verdictLists({ known, advice, stale, missingCapabilities }: Verdict): readonly VerdictList[] {
  const adviceItems = advice.map(({ case: id, clause, summary: text }) => ({
    name: `${id}, ${clause}`,
    text,
  }));
  const lists: readonly (readonly [string, VerdictList['items']])[] = [
    [count(known.length, 'known failure'), known.map(({ case: name, reason: text }) => ({ name, text }))],
    ['against advice (SHOULD), which does not decide on conformance', adviceItems],
    ['listed as known failures, but passed: remove these entries', stale.map((name) => ({ name, text: '' }))],
    ['demanded capabilities that the target does not declare', missingCapabilities.map((text) => ({ text }))],
  ];
  return lists.filter(([, items]) => items.length > 0).map(([title, items]) => ({ title, items }));
}

/** Whether there is something in the results that was checked and does not keep a run from being green. */
export function hasChecked(counts: Counts): boolean {
  return counts.passed + counts['known failure'] + counts.advice > 0;
}

const troubles: ReadonlySet<Standing> = new Set(['failed', 'blocked', 'stale', 'broken', 'not run']);

/** Whether a case with this standing keeps a run from being green. */
export function isTrouble(standing: Standing | undefined): boolean {
  return standing !== undefined && troubles.has(standing);
}

/** What a target says of itself, in words; undefined where it says nothing. */
export function targetInWords({ serverInfo, health }: TargetFacts) {
  return {
    server: serverInfo && `${serverInfo.name} ${serverInfo.version}`,
    health: health && `${health.status}, mode ${health.mode}, version ${health.version}`,
    capabilities: health && (health.capabilities.join(', ') || 'none declared'),
  };
}
