import { groupBy } from '../../base/group.ts';
import { newestRelease } from '../case/release.ts';
import { isUnstable } from '../engine/attempts.ts';
import type { CaseOutcome, CaseResult, ContractFacts, RunResult, TargetFacts } from '../engine/result.ts';
import type { Verdict } from '../judge/verdict.ts';
import { count } from '../text/text.ts';
import type { ReportedClauses } from './report.ts';

/** All standings, in the order in which reports list them. */
const allStandings = [
  'passed',
  'failed',
  'unstable',
  'blocked',
  'stale',
  'broken',
  'not run',
  'known failure',
  'advice',
  'skipped',
  'not declared',
] as const;

/** The effect of a result on the verdict: its outcome, refined by known failures, stale entries and advice. */
export type Standing = (typeof allStandings)[number];

/** The inputs to a standing, from a result or from a JSON report. */
export interface StandingFacts extends Pick<CaseResult, 'known' | 'attempts'> {
  readonly case: { readonly advisory?: boolean };
  readonly outcome: Pick<CaseOutcome, 'kind'>;
}

export function standingOf(facts: StandingFacts): Standing {
  const { case: head, outcome, known } = facts;
  switch (outcome.kind) {
    case 'passed':
      return known === undefined || known.mayFail ? 'passed' : 'stale';
    case 'failed':
      if (known !== undefined) return 'known failure';
      if (head.advisory) return 'advice';
      return isUnstable(facts) ? 'unstable' : 'failed';
    case 'not-declared':
      return 'not declared';
    case 'not-run':
      return 'not run';
    case 'blocked':
      if (known !== undefined) return 'known failure';
      return isUnstable(facts) ? 'unstable' : 'blocked';
    default:
      return outcome.kind;
  }
}

/** Returns the reason that a case did not pass, on one line. Empty if it passed. */
export function reasonOf(result: CaseResult): string {
  const { passed = 0, failed = 0 } = result.attempts ?? {};
  const reason = reasonOfOutcome(result);
  return isUnstable(result) ? `failed in ${failed} of ${passed + failed} attempts: ${reason}` : reason;
}

function reasonOfOutcome({ outcome, known }: CaseResult): string {
  switch (outcome.kind) {
    case 'passed':
      return known === undefined || known.mayFail ? '' : `listed as a known failure: ${known.reason}`;
    case 'failed':
      return outcome.failure.summary;
    case 'blocked':
      return `blocked by ${outcome.by.clause} (${outcome.by.case}): ${outcome.failure.summary}`;
    case 'not-declared':
      return `capability ${outcome.capability} is not declared${outcome.reason === undefined ? '' : `: ${outcome.reason}`}`;
    default:
      return outcome.reason;
  }
}

/** Number of results by standing. */
export type Counts = Readonly<Record<Standing, number>>;

export interface SuiteSummary {
  readonly suite: string;
  readonly counts: Counts;
  /** Sum of the durations of the cases, in milliseconds. Cases overlap, so it can exceed the duration of the run. */
  readonly durationMs: number;
  readonly results: readonly CaseResult[];
}

/** Groups results by suite, in the order of their first occurrence. */
export function suitesOf(results: readonly CaseResult[]): readonly SuiteSummary[] {
  return [...groupBy(results, (result) => result.case.suite)].map(([suite, own]) => {
    const durationMs = own.reduce((sum, result) => sum + result.durationMs, 0);
    return { suite, counts: countsOf(own), durationMs, results: own };
  });
}

/** Counts results by standing. */
export function countsOf(results: readonly CaseResult[]): Counts {
  return countStandings(results.map(standingOf));
}

/** Counts standings. */
export function countStandings(standings: readonly string[]): Counts {
  return Object.fromEntries(
    allStandings.map((standing) => [standing, standings.filter((each) => each === standing).length]),
  ) as Counts;
}

/** Lists the counts that are not zero: `24 passed, 1 failed, 3 skipped`. */
export function countsInWords(counts: Counts): string {
  return allStandings
    .filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${wording(standing, counts[standing])}`)
    .join(', ');
}

/** Returns the display name of a standing. */
export function wording(standing: Standing, amount: number): string {
  const [one, more = one] = wordings[standing] ?? [standing];
  return amount === 1 ? one : more;
}

/** Singular and, if different, plural. */
const wordings: Readonly<Partial<Record<Standing, readonly [string, string?]>>> = {
  'known failure': ['known failure', 'known failures'],
  advice: ['against advice'],
  stale: ['stale known failure', 'stale known failures'],
};

/**
 * The outcome for a clause. A clause is `violated` (`not followed` for advice) only if a step that checks it fails.
 * Cases that failed elsewhere, were blocked or did not run prove nothing. The clause is then `not proven`, or
 * `partly held` if other cases that check it passed.
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
  /** Ids of the cases in this run that check the clause. */
  readonly cases: readonly string[];
}

/** Returns all clauses that the cases of a run name, in the order of the contract. Unknown clauses come last. */
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

/**
 * Returns the standing of a result for one clause. A failure concerns only the clauses that the failing step checks.
 */
function standingFor(clause: string, result: CaseResult): Standing {
  const hasFailed = result.outcome.kind === 'failed' || isUnstable(result);
  const isElsewhere = hasFailed && !violatedBy(result).includes(clause);
  return isElsewhere ? 'blocked' : standingOf(result);
}

/** Returns the clauses that the failing step of a case checks. */
function violatedBy({ outcome }: CaseResult): readonly string[] {
  return outcome.kind === 'failed' ? outcome.failure.clauses : [];
}

function clauseStanding(standings: ReadonlySet<Standing>): ClauseStanding {
  const passed = standings.has('passed') || standings.has('stale');
  if (standings.has('failed') || standings.has('unstable')) return 'violated';
  if (standings.has('known failure')) return 'known failure';
  if (standings.has('advice')) return 'not followed';
  const proven = ['passed', 'stale', 'not declared'] satisfies Standing[];
  if ([...standings].some((standing) => !proven.some((each) => each === standing))) {
    return passed ? 'partly held' : 'not proven';
  }
  return passed ? 'held' : 'not declared';
}

/** A titled list that accompanies a verdict. An item without a name consists of its text alone. */
export interface VerdictList {
  readonly title: string;
  readonly items: readonly { readonly name?: string; readonly text: string }[];
}

/** Lists failures that do not count and failures that are not tied to a failed case. Empty lists are omitted. */
export function verdictLists({ known, advice, stale, missingCapabilities }: Verdict): readonly VerdictList[] {
  const adviceItems = advice.map(({ case: id, clause, summary: text }) => ({
    name: `${id}, ${clause}`,
    text,
  }));
  const lists: readonly (readonly [string, VerdictList['items']])[] = [
    [count(known.length, 'known failure'), known.map(({ case: name, reason: text }) => ({ name, text }))],
    ['against advice (does not affect conformance)', adviceItems],
    ['stale known failures (the case passed: remove the entry)', stale.map((name) => ({ name, text: '' }))],
    ['required capabilities not declared', missingCapabilities.map((text) => ({ text }))],
  ];
  return lists.filter(([, items]) => items.length > 0).map(([title, items]) => ({ title, items }));
}

/** Returns whether at least one case was checked with a result that does not prevent a green run. */
export function hasChecked(counts: Counts): boolean {
  return counts.passed + counts['known failure'] + counts.advice > 0;
}

const notGreen: ReadonlySet<Standing> = new Set([
  'failed',
  'unstable',
  'blocked',
  'stale',
  'broken',
  'not run',
]);

/** Returns whether a case with this standing prevents a green run. */
export function preventsGreen(standing: Standing | undefined): boolean {
  return standing !== undefined && notGreen.has(standing);
}

/** Describes the release of the contract that a target was checked against, and the reason for that release. */
export function contractInWords({ release, origin, hasSessions, leftOut }: ContractFacts): string {
  const reasons = {
    requested: 'requested',
    detected:
      release === newestRelease ? 'the target declares capabilities' : 'the target declares no capabilities',
    default: 'the default',
  };
  const sessions = release !== newestRelease && hasSessions === false ? ', without sessions' : '';
  const others = leftOut === 0 ? '' : `; ${count(leftOut, 'case')} of other releases left out`;
  return `release ${release} (${reasons[origin]})${sessions}${others}`;
}

/** Describes a target as it identified itself. A value that the target did not send is undefined. */
export function targetInWords({ serverInfo, health, contract }: TargetFacts) {
  return {
    contract: contract && contractInWords(contract),
    server: serverInfo && `${serverInfo.name} ${serverInfo.version}`,
    health: health && `${health.status}, mode ${health.mode}, version ${health.version}`,
    capabilities: health && (health.capabilities.join(', ') || 'none declared'),
  };
}
