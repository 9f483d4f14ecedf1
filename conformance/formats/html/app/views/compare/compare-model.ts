import type { ChangeJson, ComparePage, CompareReportJson } from '../../../data/compare.ts';
import type { CaseJson } from '../../../data/report.ts';
import type { ContractClause } from '../../../data/run.ts';
import { type Case, erasOf, modelOf } from '../../model/run-model.ts';

/** A change with both sides of its case. */
export interface Change extends ChangeJson {
  /** Whether the subject fails now and did not before. */
  readonly isWorse: boolean;
  /** The case in the old report and in the new one, if the page has it. */
  readonly cases: { readonly before?: Case; readonly after?: Case };
  readonly title: string;
  readonly eras: readonly string[];
  readonly haystack: string;
}

/** The changes of one kind. */
export interface ChangeList {
  readonly kind: ChangeJson['kind'];
  readonly changes: readonly Change[];
}

/** The comparison, indexed for views. */
export interface CompareModel {
  readonly report: CompareReportJson;
  /** Worst first. Kinds without changes are absent. */
  readonly lists: readonly ChangeList[];
  readonly changes: readonly Change[];
  readonly contract: ReadonlyMap<string, ContractClause>;
  /** Names of the implementations with changes. Empty for single runs. */
  readonly implementations: readonly string[];
}

const kinds = ['newly failing', 'newly passing', 'new', 'removed', 'other'] as const;
const failing: ReadonlySet<string> = new Set(['failed', 'unstable', 'blocked', 'stale', 'broken', 'not run']);

/** Indexes a comparison. */
export function compareModelOf({
  report,
  contract = [],
  sides = [],
}: Omit<ComparePage, 'evidence'>): CompareModel {
  const bySubject = new Map(sides.map((each) => [keyOf(each.implementation, each.id), each]));
  const changes = report.changes.map((change): Change => {
    const { kind, implementation, subject, clauses, after, reason } = change;
    const own = bySubject.get(keyOf(implementation, subject));
    const head = own?.after ?? own?.before;
    const title = head?.title ?? '';
    return {
      ...change,
      isWorse: kind === 'newly failing' || (kind === 'new' && failing.has(after ?? '')),
      cases: { before: caseOf(own?.before), after: caseOf(own?.after) },
      title,
      eras: head === undefined ? [] : erasOf(head.revisions),
      haystack: [subject, implementation ?? '', title, ...clauses, reason].join('\n').toLowerCase(),
    };
  });
  const lists = kinds.map((kind) => {
    const own = changes.filter((change) => change.kind === kind);
    return { kind, changes: own.toSorted((one, other) => Number(other.isWorse) - Number(one.isWorse)) };
  });
  return {
    report,
    lists: lists.filter((list) => list.changes.length > 0),
    changes,
    contract: new Map(contract.map((clause) => [clause.id, clause])),
    implementations: [...new Set(changes.flatMap(({ implementation }) => implementation ?? []))],
  };
}

/** Returns the change of a subject in an implementation. */
export function findChange(
  { changes }: CompareModel,
  subject: string,
  implementation: string | undefined,
): Change | undefined {
  return changes.find((each) => each.subject === subject && each.implementation === implementation);
}

/** Returns a case as the pages of runs show it. */
function caseOf(document: CaseJson | undefined): Case | undefined {
  if (document === undefined) return undefined;
  const report = {
    schemaVersion: '1',
    tool: { name: '', version: '' },
    startedAt: document.startedAt,
    durationMs: document.durationMs,
    settings: { level: '', capabilities: [], narrowed: true, failOnSkip: false },
    target: { label: '', kind: '' },
    cases: [document],
  };
  return modelOf({ kind: 'run', schemaVersion: '1', report }).cases[0];
}

function keyOf(implementation: string | undefined, id: string): string {
  return JSON.stringify([implementation ?? null, id]);
}
