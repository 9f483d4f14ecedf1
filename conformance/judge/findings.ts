import { groupBy } from '../../base/group.ts';
import type { Coverage } from '../case/case.ts';
import { isUnstable } from '../engine/attempts.ts';
import type { Attempts, CaseResult, Failure } from '../engine/result.ts';
import { cut } from '../text/text.ts';

/** Failures that probably have the same cause: they share the clause, the verb and the difference. */
export interface Finding {
  /** The violated clause. If only setup steps failed, the main clause of the case that checks them. */
  readonly clause: string;
  /** Other clauses that the failing steps check. */
  readonly alsoViolated: readonly string[];
  /** The verb of the failing step. Undefined if no step had begun. */
  readonly verb: string | undefined;
  /** The difference on one line. */
  readonly summary: string;
  /** Ids of the failed cases, the best example first. */
  readonly cases: readonly string[];
  /** Ids of the cases that this failure blocks. */
  readonly blocked: readonly string[];
  /** Set if the cases pass alone, so that the failure depends on the cases that ran concurrently. */
  readonly passesAlone?: true;
  /** Set if the only case of the finding is unstable: it passed in some attempts and failed in others. */
  readonly unstable?: Attempts;
}

type Failed = CaseResult & { readonly outcome: Extract<CaseResult['outcome'], { kind: 'failed' }> };
type Blocked = CaseResult & { readonly outcome: Extract<CaseResult['outcome'], { kind: 'blocked' }> };

const maxSummaryLength = 600;
/** Number of characters of a difference to compare. */
const maxShapeLength = 1_000;

/**
 * Groups failures by cause, and assigns blocked cases to the failure that blocks them. The clause that affects the
 * most cases comes first, unless a finding of another clause may explain it. Cases that pass alone follow as one
 * finding, because the other findings may explain them. Each unstable case is a finding of its own, at the end.
 * Failures that do not count (known failures, advice) are ignored.
 */
export function findingsOf(results: readonly CaseResult[]): readonly Finding[] {
  const unstable = results.filter(isUnstable);
  const stable = withMostFailedClauseFirst(results.filter((result) => !isUnstable(result)));
  const failures = groupBy(stable.filter(counts), ({ outcome }) => keyOf(outcome.failure));
  const [disturbed, blocked] = divide(
    stable.filter(isBlocked),
    ({ outcome }) => outcome.passesAlone === true,
  );
  const findings = [...failures.values()].map((members) => findingOf(members));
  const coverageOf = coverages(blocked);
  const placed = groupBy(blocked, (each) => indexOf(findings, coverageOf(each)));
  const withBlocked = findings.map((finding, index) => ({
    ...finding,
    blocked: idsOf(placed.get(index) ?? []),
  }));
  const others = groupBy(
    placed.get(-1) ?? [],
    (each) => `${coverageOf(each).clause} ${keyOf(each.outcome.failure)}`,
  );
  const unexplained = [...others.values()].map((members) => blockingFinding(members, coverageOf));
  const flaky = [
    ...unstable.filter(counts).map((result) => ({ ...findingOf([result]), unstable: result.attempts })),
    ...unstable
      .filter(isBlocked)
      .map((result) => ({ ...blockingFinding([result]), unstable: result.attempts })),
  ];
  const beside =
    disturbed.length === 0 ? [] : [{ ...blockingFinding(disturbed), passesAlone: true as const }];
  // It is not proven that the clauses of the unexplained ones are violated, so another finding may explain them.
  const direct = [...inOrderOfClauses(withBlocked, results), ...inOrderOfClauses(unexplained, results)];
  const reliesOn = new Map(results.map(({ case: head }) => [head.id, head.reliesOn ?? []]));
  return [...foundationsFirst(direct, reliesOn), ...beside, ...flaky];
}

/**
 * Puts that clause of each failure first that fails in the most cases: if a step checks several clauses, the cases of
 * each of them alone show which one is broken. Clauses with the same number keep their order.
 */
function withMostFailedClauseFirst(results: readonly CaseResult[]): readonly CaseResult[] {
  const failures = new Map<string, number>();
  for (const { outcome } of results.filter(counts)) {
    for (const clause of outcome.failure.clauses) failures.set(clause, (failures.get(clause) ?? 0) + 1);
  }
  const frequency = (clause: string): number => failures.get(clause) ?? 0;
  return results.map((result) => {
    if (!counts(result)) return result;
    const { failure } = result.outcome;
    const clauses = failure.clauses.toSorted((one, other) => frequency(other) - frequency(one));
    return { ...result, outcome: { kind: 'failed', failure: { ...failure, clauses } } };
  });
}

/**
 * Orders findings by the clauses that they violate. The clause that affects the most cases comes first, because its
 * cause probably shows in several ways. Of two clauses with the same effect, the one comes first that fails in the
 * larger share of the cases that check it: the other one holds elsewhere.
 */
function inOrderOfClauses(findings: readonly Finding[], results: readonly CaseResult[]): readonly Finding[] {
  const weight = ({ cases, blocked }: Finding) => cases.length + blocked.length;
  const byClause = [...groupBy(findings, ({ clause }) => clause)].map(([clause, own]) => {
    const total = own.reduce((sum, finding) => sum + weight(finding), 0);
    const sorted = own.toSorted((one, other) => weight(other) - weight(one));
    return { total, share: shareViolated(clause, results), findings: sorted };
  });
  return byClause
    .sort((one, other) => other.total - one.total || other.share - one.share)
    .flatMap((each) => each.findings);
}

/** Returns the share of violations in the results that prove something about a clause. */
function shareViolated(clause: string, results: readonly CaseResult[]): number {
  const violations = results.filter(
    ({ outcome }) => outcome.kind === 'failed' && outcome.failure.clauses.includes(clause),
  ).length;
  const passes = results.filter(
    ({ case: { clauses }, outcome }) => outcome.kind === 'passed' && clauses.includes(clause),
  ).length;
  return violations === 0 ? 0 : violations / (violations + passes);
}

/**
 * Moves each finding behind those that may explain it. A finding may explain another if each failed case of the other
 * relies on one of its cases for a setup step.
 */
function foundationsFirst(
  findings: readonly Finding[],
  reliesOn: ReadonlyMap<string, readonly string[]>,
): readonly Finding[] {
  const ordered = new Set<Finding>();
  const begun = new Set<Finding>();
  const place = (finding: Finding): void => {
    if (begun.has(finding)) return;
    begun.add(finding);
    for (const other of findings) if (other !== finding && mayExplain(other, finding, reliesOn)) place(other);
    ordered.add(finding);
  };
  for (const finding of findings) place(finding);
  return [...ordered];
}

function mayExplain(
  { cases: foundation }: Finding,
  { cases }: Finding,
  reliesOn: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (cases.length === 0 || foundation.length === 0) return false;
  return cases.every((id) => reliesOn.get(id)?.some((setup) => foundation.includes(setup)) === true);
}

function counts(result: CaseResult): result is Failed {
  return result.outcome.kind === 'failed' && result.known === undefined && !result.case.advisory;
}

function isBlocked(result: CaseResult): result is Blocked {
  return result.outcome.kind === 'blocked' && result.known === undefined;
}

/** Divides items into those for which a condition holds, and the others. */
function divide<Item>(
  items: readonly Item[],
  holds: (item: Item) => boolean,
): readonly [readonly Item[], readonly Item[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}

function findingOf(members: readonly Failed[]): Finding {
  const [main = '', ...others] = [...new Set(members.flatMap(({ outcome }) => outcome.failure.clauses))];
  const [example, ...rest] = members.toSorted((one, other) => difficulty(one) - difficulty(other));
  const failure = example?.outcome.failure;
  return {
    clause: main,
    alsoViolated: others,
    verb: failure?.step?.verb,
    summary: cut(failure?.summary ?? '', maxSummaryLength),
    cases: idsOf(example === undefined ? rest : [example, ...rest]),
    blocked: [],
  };
}

/** Makes a finding of blocked cases if the case that checks their setup did not fail. */
function blockingFinding(
  members: readonly Blocked[],
  coverageOf: (blocked: Blocked) => Coverage = ({ outcome }) => outcome.by,
): Finding {
  const [first] = members;
  const summary = cut(first?.outcome.failure.summary ?? '', maxSummaryLength);
  const verb = first?.outcome.failure.step?.verb;
  const clause = first === undefined ? '' : coverageOf(first).clause;
  return { clause, alsoViolated: [], verb, summary, cases: [], blocked: idsOf(members) };
}

/**
 * Returns a function that finds the case that blocks another one: the case that checks the failed setup step or, if
 * that case is blocked itself, the case that blocks it.
 */
function coverages(blocked: readonly Blocked[]): (blocked: Blocked) => Coverage {
  const direct = new Map(blocked.map(({ case: { id }, outcome }) => [id, outcome.by]));
  return ({ outcome: { by } }) => {
    const seen = new Set<string>();
    let coverage = by;
    for (;;) {
      const next = direct.get(coverage.case);
      if (next === undefined || seen.has(coverage.case)) return coverage;
      seen.add(coverage.case);
      coverage = next;
    }
  };
}

/** Returns the index of the finding that blocks a case: the one with the case in `by`, or with the same clause. */
function indexOf(findings: readonly Finding[], by: Coverage): number {
  const exact = findings.findIndex(({ cases }) => cases.includes(by.case));
  return exact === -1 ? findings.findIndex(({ clause }) => clause === by.clause) : exact;
}

/** Ranks examples: cases with the clause as their main clause and an early failing step explain a finding best. */
function difficulty({ case: head, outcome: { failure } }: Failed): number {
  const isMain = failure.clauses.includes(head.clauses[0] ?? '');
  return (isMain ? 0 : 1000) + (failure.step?.number ?? 0);
}

function keyOf({ clauses, step, differences, summary }: Failure): string {
  const [first] = differences;
  const difference = first === undefined ? shapeOf(summary) : shapeOfDifference(first);
  return [clauses[0], step?.verb, difference].join(' ');
}

function shapeOfDifference({ path, expected, actual }: Failure['differences'][number]): string {
  return [path, expected, actual].map(shapeOf).join(' ');
}

/** Replaces the parts of a text that vary between cases: strings, long numbers and items. */
function shapeOf(text: string): string {
  return text
    .slice(0, maxShapeLength)
    .replace(/^for .*?: /, '')
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/\d{4,}/g, 'N')
    .replace(/\/\d+(?=\/|$)/g, '/*');
}

function idsOf(results: readonly CaseResult[]): readonly string[] {
  return results.map((each) => each.case.id);
}
