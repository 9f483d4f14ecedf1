import { groupBy } from '../../base/group.ts';
import { type Change, compareReports } from '../compare/compare.ts';
import { preventsGreen } from '../report/summary.ts';
import type { FindingFacts, SiteRun } from './site-run.ts';

/** The changes from one run of an implementation to the next. */
export interface RunChanges {
  readonly before: SiteRun;
  readonly after: SiteRun;
  /** The versions that judged the two runs, if they differ: `kit 0.1.0 → 0.2.0`. */
  readonly basis: readonly string[];
  readonly newlyFailing: readonly Change[];
  readonly newlyPassing: readonly Change[];
  /** Cases with another outcome that is neither a new failure nor a new success. */
  readonly otherwise: readonly Change[];
  /** Cases that only the newer run has. If the basis changed, they are not changes of the target. */
  readonly added: readonly Change[];
  readonly removed: readonly Change[];
  readonly newFindings: readonly FindingFacts[];
  readonly resolvedFindings: readonly FindingFacts[];
  /** Whether the conclusion or a failing case differs. */
  readonly isNotable: boolean;
}

/** A run with the changes since the one before. */
export interface HistoryEntry {
  readonly run: SiteRun;
  /** Undefined for the first run, and for a run of a selection of cases. */
  readonly changes: RunChanges | undefined;
}

/** An implementation with all its runs. */
export interface ImplementationHistory {
  readonly name: string;
  readonly slug: string;
  /** The oldest first. */
  readonly entries: readonly HistoryEntry[];
  /** The newest run of all cases, or the newest run if there is no such run. */
  readonly latest: SiteRun;
  /** The runs of all cases, the oldest first. */
  readonly complete: readonly SiteRun[];
}

/** Arranges runs by implementation, sorted by name and date. */
export function historiesOf(runs: readonly SiteRun[]): readonly ImplementationHistory[] {
  const byName = groupBy(runs, ({ name }) => name);
  return [...byName]
    .sort(([one], [other]) => compareTexts(one, other))
    .flatMap(([name, own]) => {
      const sorted = own.toSorted(
        (one, other) => compareTexts(one.startedAt, other.startedAt) || compareTexts(one.id, other.id),
      );
      const newest = sorted.at(-1);
      if (newest === undefined) return [];
      const complete = sorted.filter(({ narrowed }) => !narrowed);
      const entries = sorted.map((run): HistoryEntry => {
        const before = complete[complete.indexOf(run) - 1];
        return { run, changes: before && changesBetween(before, run) };
      });
      return [{ name, slug: newest.slug, entries, latest: complete.at(-1) ?? newest, complete }];
    });
}

/** Compares two runs of an implementation, as their kits judged them. */
export function changesBetween(before: SiteRun, after: SiteRun): RunChanges {
  const { newlyFailing, newlyPassing, otherwise, added, removed } = compareReports(
    { kind: 'run', run: before.reported },
    { kind: 'run', run: after.reported },
  );
  // Without a target, there are no cases to compare.
  const hasBoth = before.conclusion !== 'not tested' && after.conclusion !== 'not tested';
  return {
    ...{ before, after, newlyFailing, newlyPassing, otherwise },
    basis: basisOf(before, after),
    added: hasBoth ? added : [],
    removed: hasBoth ? removed : [],
    newFindings: hasBoth ? without(after.findings, before.findings) : [],
    resolvedFindings: hasBoth ? without(before.findings, after.findings) : [],
    isNotable: before.conclusion !== after.conclusion || !isEqual(failingIn(before), failingIn(after)),
  };
}

function basisOf(before: SiteRun, after: SiteRun): readonly string[] {
  const facts: readonly (readonly [string, (run: SiteRun) => string | undefined])[] = [
    ['kit', ({ tool }) => tool.version],
    ['contract', ({ release }) => release],
    ['level', ({ level }) => level],
  ];
  return facts.flatMap(([name, of]) => {
    const [one, other] = [of(before), of(after)];
    return one === undefined || other === undefined || one === other ? [] : [`${name} ${one} → ${other}`];
  });
}

/** Returns the findings that have no counterpart: one of the same clause with a case or the summary in common. */
function without(
  findings: readonly FindingFacts[],
  others: readonly FindingFacts[],
): readonly FindingFacts[] {
  const idsOf = ({ cases, blocked }: FindingFacts) => [...cases, ...blocked];
  return findings.filter((finding) => {
    const own = new Set(idsOf(finding));
    return !others.some(
      (other) =>
        other.clause === finding.clause &&
        (other.summary === finding.summary || idsOf(other).some((id) => own.has(id))),
    );
  });
}

function failingIn({ reported }: SiteRun): ReadonlySet<string> {
  return new Set([...reported.cases].flatMap(([id, { standing }]) => (preventsGreen(standing) ? [id] : [])));
}

function isEqual(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((id) => other.has(id));
}

/** Compares texts by code unit, which does not depend on the language of the machine. */
function compareTexts(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
