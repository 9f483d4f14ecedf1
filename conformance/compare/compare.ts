import { groupBy } from '../../base/group.ts';
import { type Era, eras } from '../case/era.ts';
import { preventsGreen, type Standing } from '../report/summary.ts';
import type { ReadReport, ReportedClauses, ReportedRun } from './reading.ts';

/** A case that changed between the old report and the new one. */
export interface Change {
  /** Name of the implementation. Undefined if both reports are single runs. */
  readonly implementation: string | undefined;
  /** A case id, or another subject: `the target`, `capability resume`. */
  readonly subject: string;
  /** Clause ids, the main one first. */
  readonly clauses: readonly string[];
  /** Undefined if the old report does not contain the subject. */
  readonly before: Standing | undefined;
  /** Undefined if the new report does not contain the subject. */
  readonly after: Standing | undefined;
  /** The reason that the subject does not pass now. If it passes now, the reason that it did not pass before. */
  readonly reason: string;
}

/** The outcome of one implementation in one era. */
export interface EraOutcome {
  /** Number of cases, without those of undeclared capabilities. */
  readonly cases: number;
  readonly passed: number;
  /** Undefined for reports before 1.4. */
  readonly clauses?: ReportedClauses;
}

/** The outcome in one era, in the old report and in the new one. Undefined if the era was not checked. */
export interface EraChange {
  readonly implementation: string | undefined;
  readonly era: Era;
  readonly before: EraOutcome | undefined;
  readonly after: EraOutcome | undefined;
}

/** The changes between two reports. Each changed case is in exactly one list. */
export interface Comparison {
  /** Subjects that prevent a green run now but did not before. */
  readonly newlyFailing: readonly Change[];
  /** Subjects that pass now but did not before. */
  readonly newlyPassing: readonly Change[];
  /** Subjects that only the new report contains. */
  readonly added: readonly Change[];
  /** Subjects that only the old report contains. */
  readonly removed: readonly Change[];
  /** Other changes, such as from passed to skipped: no new failure, but a difference in coverage. */
  readonly otherwise: readonly Change[];
  /** Number of cases with the same standing in both reports. */
  readonly unchanged: number;
  /** Reasons why the reports are only partly comparable, such as a different level. */
  readonly remarks: readonly string[];
  /** The outcome in each era of MCP. Empty if no report contains a modern case that was checked. */
  readonly eras: readonly EraChange[];
  /** Whether a case is newly failing, or added and failing. */
  readonly isWorse: boolean;
}

/** Thrown if two reports cannot be compared. The message is one line. */
export class ComparisonError extends Error {
  override readonly name = 'ComparisonError';
  readonly code = 'report-invalid';
}

/**
 * Compares two reports: two runs regardless of their target names, or two matrices by implementation.
 * @throws ComparisonError if one is a run and the other a matrix
 */
export function compareReports(old: ReadReport, fresh: ReadReport): Comparison {
  const pairs = pairsOf(old, fresh);
  const lists = groupBy(
    pairs.flatMap((pair) => [...changesOf(pair)]),
    kindOf,
  );
  const listOf = (kind: ReturnType<typeof kindOf>) => lists.get(kind) ?? [];
  const [newlyFailing, added] = [listOf('newlyFailing'), listOf('added')];
  return {
    newlyFailing,
    newlyPassing: listOf('newlyPassing'),
    added,
    removed: listOf('removed'),
    otherwise: listOf('otherwise'),
    unchanged: listOf('unchanged').length,
    remarks: pairs.flatMap(remarksOn),
    eras: eraChangesOf(pairs),
    isWorse: newlyFailing.length > 0 || added.some(({ after }) => preventsGreen(after)),
  };
}

function kindOf({ before, after }: Change) {
  if (before === after) return 'unchanged';
  if (before === undefined) return 'added';
  if (after === undefined) return 'removed';
  if (preventsGreen(after) && !preventsGreen(before)) return 'newlyFailing';
  return after === 'passed' ? 'newlyPassing' : 'otherwise';
}

interface Pair {
  readonly name: string | undefined;
  readonly before: ReportedRun | undefined;
  readonly after: ReportedRun | undefined;
}

function pairsOf(old: ReadReport, fresh: ReadReport): readonly Pair[] {
  if (old.kind === 'run' && fresh.kind === 'run') {
    return [{ name: undefined, before: old.run, after: fresh.run }];
  }
  if (old.kind === 'matrix' && fresh.kind === 'matrix') {
    const names = new Set([...fresh.runs.keys(), ...old.runs.keys()]);
    return [...names].map((name) => ({ name, before: old.runs.get(name), after: fresh.runs.get(name) }));
  }
  throw new ComparisonError(
    `the ${old.kind === 'matrix' ? 'old' : 'new'} report is a matrix and the ${old.kind === 'matrix' ? 'new' : 'old'} one a single run; use --target NAME to pick one implementation of the matrix`,
  );
}

/**
 * Returns one implementation of a matrix as a run. A run is returned unchanged.
 * @throws ComparisonError if the matrix has no implementation of that name
 */
export function onlyTarget(report: ReadReport, name: string): ReadReport {
  if (report.kind === 'run') return report;
  const run = report.runs.get(name);
  if (run !== undefined) return { kind: 'run', run };
  throw new ComparisonError(
    `--target ${name}: the matrix has no such implementation; it has ${[...report.runs.keys()].join(', ')}`,
  );
}

function eraChangesOf(pairs: readonly Pair[]): readonly EraChange[] {
  const changes = pairs.flatMap(({ name: implementation, before, after }) =>
    eras.map((era) => ({
      implementation,
      era,
      before: before && outcomeIn(era, before),
      after: after && outcomeIn(era, after),
    })),
  );
  const isModern = changes.some(
    ({ era, before, after }) => era === 'modern' && (before ?? after) !== undefined,
  );
  return isModern ? changes.filter(({ before, after }) => (before ?? after) !== undefined) : [];
}

function outcomeIn(era: Era, run: ReportedRun): EraOutcome | undefined {
  const checked = [...run.cases.values()].filter(
    (each) => each.eras.includes(era) && each.standing !== 'not declared',
  );
  // Cases of both eras do not show that an era was checked.
  if (!checked.some((each) => each.eras.length === 1)) return undefined;
  const passed = checked.filter(({ standing }) => standing === 'passed').length;
  return { cases: checked.length, passed, clauses: run.eras?.get(era) };
}

function remarksOn({ name, before, after }: Pair): readonly string[] {
  const of = name === undefined ? '' : `${name}: `;
  if (before === undefined) return [`${of}the implementation was added`];
  if (after === undefined) return [`${of}the implementation was removed`];
  return [
    ...(before.level === after.level
      ? []
      : [`${of}the level changed from ${before.level} to ${after.level}`]),
    ...(before.transport === after.transport
      ? []
      : [`${of}the transport changed from ${before.transport} to ${after.transport}`]),
    ...(before.narrowed && !after.narrowed ? [`${of}the old run covers only a selection of cases`] : []),
    ...(after.narrowed && !before.narrowed ? [`${of}the new run covers only a selection of cases`] : []),
    ...shardRemark(`${of}the old report`, before),
    ...shardRemark(`${of}the new report`, after),
    ...(before.error === undefined ? [] : [`${of}the old run could not test the target: ${before.error}`]),
  ];
}

function shardRemark(report: string, { shard }: ReportedRun): readonly string[] {
  return shard === undefined ? [] : [`${report} has only shard ${shard.index}/${shard.of}`];
}

function* changesOf({ name: implementation, before, after }: Pair): Generator<Change> {
  const was = (standing: Standing): Standing | undefined => (before === undefined ? undefined : standing);
  if (before?.error === undefined && after?.error !== undefined) {
    const head = { implementation, subject: 'the target', clauses: [] };
    yield { ...head, before: was('passed'), after: 'not run', reason: after.error };
    // If a target could not be tested, none of its cases ran.
    return;
  }
  for (const capability of after?.missingCapabilities ?? []) {
    const wasMissing = before?.missingCapabilities.includes(capability) === true;
    const head = { implementation, subject: `capability ${capability}`, clauses: [] };
    const reason = 'required but not declared';
    yield { ...head, before: was(wasMissing ? 'failed' : 'passed'), after: 'failed', reason };
  }
  const ids = new Set([...(after?.cases.keys() ?? []), ...(before?.cases.keys() ?? [])]);
  for (const subject of ids) {
    const [old, fresh] = [before?.cases.get(subject), after?.cases.get(subject)];
    const clauses = (fresh ?? old)?.clauses ?? [];
    const reason = fresh?.reason || (old?.reason ?? '');
    yield { implementation, subject, clauses, before: old?.standing, after: fresh?.standing, reason };
  }
}
