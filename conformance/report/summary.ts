import { groupBy } from '../../base/group.ts';
import type { CaseHead } from '../case/case.ts';
import type { CaseResult, RunResult } from '../engine/result.ts';
import type { Verdict } from '../judge/verdict.ts';
import { count } from '../text/text.ts';
import type { ReportedClauses } from './report.ts';

/** What a result means for the verdict: an outcome, with known failures, stale entries and advice told apart. */
export type Standing =
  | 'passed'
  | 'failed'
  | 'known failure'
  | 'advice'
  | 'stale'
  | 'broken'
  | 'skipped'
  | 'not declared'
  | 'not run';

export function standingOf({ case: head, outcome, known }: CaseResult): Standing {
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
    case 'not-declared':
      return `capability ${outcome.capability} is not declared`;
    default:
      return outcome.reason;
  }
}

/** The order in which standings are told. */
export const allStandings: readonly Standing[] = [
  'passed',
  'failed',
  'stale',
  'broken',
  'not run',
  'known failure',
  'advice',
  'skipped',
  'not declared',
];

export interface SuiteSummary {
  readonly suite: string;
  readonly counts: Readonly<Record<Standing, number>>;
  readonly total: number;
  /** Sum of the cases' own times, in milliseconds; cases run side by side. */
  readonly durationMs: number;
  readonly results: readonly CaseResult[];
}

/** The results by suite, in the order in which suites first occur. */
export function suitesOf(results: readonly CaseResult[]): readonly SuiteSummary[] {
  return [...groupBy(results, (result) => result.case.suite)].map(([suite, list]) => summarize(suite, list));
}

export function summarize(suite: string, results: readonly CaseResult[]): SuiteSummary {
  const standings = results.map(standingOf);
  const counts = Object.fromEntries(
    allStandings.map((standing) => [standing, standings.filter((each) => each === standing).length]),
  ) as Record<Standing, number>;
  const durationMs = results.reduce((sum, result) => sum + result.durationMs, 0);
  return { suite, counts, total: results.length, durationMs, results };
}

/** `24 passed, 1 failed, 3 skipped`: the counts that are not zero. */
export function countsInWords(counts: Readonly<Record<Standing, number>>): string {
  return allStandings
    .filter((standing) => counts[standing] > 0)
    .map((standing) => `${counts[standing]} ${wording(standing, counts[standing])}`)
    .join(', ');
}

export function wording(standing: Standing, amount: number): string {
  switch (standing) {
    case 'known failure':
      return amount === 1 ? 'known failure' : 'known failures';
    case 'advice':
      return 'against advice';
    case 'stale':
      return amount === 1 ? 'stale known failure' : 'stale known failures';
    case 'broken':
      return 'could not be carried out';
    case 'not run':
      return 'did not run';
    default:
      return standing;
  }
}

/**
 * How a clause fared: the worst of its cases decides; `partly held` where some of them could not be checked, `not
 * followed` where it is advice.
 */
export type ClauseStanding =
  | 'held'
  | 'violated'
  | 'known failure'
  | 'not followed'
  | 'partly held'
  | 'not checked'
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
  const byClause = new Map<string, CaseResult[]>([...clauses.keys()].map((id) => [id, []]));
  for (const result of run.results) {
    for (const id of new Set(result.case.clauses)) {
      const list = byClause.get(id);
      if (list === undefined) byClause.set(id, [result]);
      else list.push(result);
    }
  }
  return [...byClause].flatMap(([id, results]) => {
    if (results.length === 0) return [];
    const clause = clauses.get(id);
    return [
      {
        clause: id,
        level: clause?.level ?? 'unknown',
        weight: clause?.weight ?? 'unknown',
        standing: clauseStanding(new Set(results.map(standingOf))),
        cases: results.map((result) => result.case.id),
      },
    ];
  });
}

function clauseStanding(standings: ReadonlySet<Standing>): ClauseStanding {
  const passed = standings.has('passed') || standings.has('stale');
  if (standings.has('failed')) return 'violated';
  if (standings.has('known failure')) return 'known failure';
  if (standings.has('advice')) return 'not followed';
  if (standings.has('skipped') || standings.has('broken') || standings.has('not run')) {
    return passed ? 'partly held' : 'not checked';
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
  return [
    {
      title: count(known.length, 'known failure'),
      items: known.map(({ case: name, reason }) => ({ name, text: reason })),
    },
    {
      title: 'against advice (SHOULD), which does not decide on conformance',
      items: advice.map(({ case: id, clause, summary }) => ({ name: `${id}, ${clause}`, text: summary })),
    },
    {
      title: 'listed as known failures, but passed: remove these entries',
      items: stale.map((name) => ({ name, text: '' })),
    },
    {
      title: 'demanded capabilities that the target does not declare',
      items: missingCapabilities.map((text) => ({ text })),
    },
  ].filter(({ items }) => items.length > 0);
}

/** Whether there is something in the results that was checked and does not keep a run from being green. */
export function hasChecked(counts: Readonly<Record<Standing, number>>): boolean {
  return counts.passed + counts['known failure'] + counts.advice > 0;
}

/** Whether the results contain something that keeps a run from being green. */
export function hasTrouble(counts: Readonly<Record<Standing, number>>): boolean {
  return counts.failed + counts.stale + counts.broken + counts['not run'] > 0;
}

/** Case heads counted by suite, in the order in which suites first occur. */
export function suiteSizes(cases: readonly CaseHead[]): ReadonlyMap<string, number> {
  return new Map([...groupBy(cases, ({ suite }) => suite)].map(([suite, heads]) => [suite, heads.length]));
}
