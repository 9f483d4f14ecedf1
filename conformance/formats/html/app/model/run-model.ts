import type { CaseJson, ClauseJson, FindingJson, RunReportJson } from '../../data/report.ts';
import type { Provenance, RunPage } from '../../data/run.ts';
import { reasonOf, type Standing, standingOf } from './standing.ts';

/** A case with everything that views need of it. */
export interface Case extends CaseJson {
  readonly standing: Standing;
  readonly reason: string;
  readonly eras: readonly string[];
  /** Number of the finding to which the case belongs, from 1. */
  readonly finding?: number;
  /** Text that the filter searches, in lower case. */
  readonly haystack: string;
}

/** A clause with its text, if the page has it. */
export interface Clause extends ClauseJson {
  readonly section: string;
  readonly text?: string;
}

export interface Suite {
  readonly id: string;
  readonly cases: readonly Case[];
  readonly durationMs: number;
}

export interface Chapter {
  readonly title: string;
  readonly clauses: readonly Clause[];
}

export interface Finding extends FindingJson {
  /** From 1, in the order in which to fix them. */
  readonly number: number;
}

/** The run, indexed for views. */
export interface RunModel {
  readonly report: RunReportJson;
  readonly provenance?: Provenance;
  /** The prefix of the id of a case in the evidence of the page, if the page has several runs. */
  readonly evidencePrefix: string;
  readonly cases: readonly Case[];
  readonly caseById: ReadonlyMap<string, Case>;
  readonly suites: readonly Suite[];
  readonly clauses: readonly Clause[];
  readonly clauseById: ReadonlyMap<string, Clause>;
  readonly chapters: readonly Chapter[];
  readonly findings: readonly Finding[];
}

const firstModernRevision = '2026-07-28';

/** Returns the eras of the revisions that a case applies to. */
export function erasOf(revisions: readonly string[]): readonly string[] {
  const isModern = (revision: string): boolean => revision >= firstModernRevision;
  return [
    ...(revisions.some((revision) => !isModern(revision)) ? ['legacy'] : []),
    ...(revisions.some(isModern) ? ['modern'] : []),
  ];
}

/** Indexes a run. @param evidencePrefix see `RunModel` */
export function modelOf(
  { report, contract = [], provenance }: Omit<RunPage, 'evidence'>,
  evidencePrefix = '',
): RunModel {
  const findings = (report.verdict?.findings ?? []).map((finding, index) => ({
    ...finding,
    number: index + 1,
  }));
  const findingOf = new Map(
    findings.flatMap(({ number, cases, blocked }) =>
      [...cases, ...blocked].map((id) => [id, number] as const),
    ),
  );
  const cases = (report.cases ?? []).map((each): Case => {
    const standing = standingOf(each);
    const reason = reasonOf(each);
    return {
      ...each,
      standing,
      reason,
      eras: erasOf(each.revisions),
      finding: findingOf.get(each.id),
      haystack: [each.id, each.title, ...each.clauses, reason].join('\n').toLowerCase(),
    };
  });
  const written = new Map(contract.map((clause) => [clause.id, clause]));
  const clauses = (report.clauses ?? []).map((each): Clause => {
    const { section = familyOf(each.clause), text } = written.get(each.clause) ?? {};
    return { ...each, section, text };
  });
  return {
    report,
    provenance,
    evidencePrefix,
    cases,
    caseById: new Map(cases.map((each) => [each.id, each])),
    suites: [...groupBy(cases, ({ suite }) => suite)].map(([id, own]) => ({
      id,
      cases: own,
      durationMs: own.reduce((sum, { durationMs }) => sum + durationMs, 0),
    })),
    clauses,
    clauseById: new Map(clauses.map((each) => [each.clause, each])),
    chapters: [...groupBy(clauses, ({ section }) => section)].map(([title, own]) => ({
      title,
      clauses: own,
    })),
    findings,
  };
}

/** Returns the prefix of a clause id, which stands for its chapter if the page has no contract. */
function familyOf(clause: string): string {
  return clause.replace(/-\d+$/, '');
}

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Returns the failing case after another one, in the order of the findings, or the first one after the last. */
export function failingAfter({ findings }: Pick<RunModel, 'findings'>, id: string): string | undefined {
  const failing = findings.flatMap(({ cases }) => cases);
  const next = failing[failing.indexOf(id) + 1] ?? failing[0];
  return next === id ? undefined : next;
}
