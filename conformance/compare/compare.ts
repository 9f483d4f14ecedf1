import { groupBy } from '../../base/group.ts';
import { isTrouble, type Standing } from '../report/summary.ts';
import type { ReadReport, ReportedRun } from './reading.ts';

/** How a case changed from the old report to the new one. */
export interface Change {
  /** The implementation; undefined where both reports are of one run. */
  readonly implementation: string | undefined;
  /** The id of a case, or another subject: `the target`, `capability resume`. */
  readonly subject: string;
  /** Clause ids, the main one first. */
  readonly clauses: readonly string[];
  /** Undefined where the old report does not have it. */
  readonly before: Standing | undefined;
  /** Undefined where the new report does not have it. */
  readonly after: Standing | undefined;
  /** Why it does not pass now, or did not before; else empty. */
  readonly reason: string;
}

/** What changed between two reports. A changed case is in one list, an unchanged one in none. */
export interface Comparison {
  /** It keeps the run from being green now, and did not before. */
  readonly newlyFailing: readonly Change[];
  /** It did not pass before, and does now. */
  readonly newlyPassing: readonly Change[];
  /** Only the new report has it. */
  readonly added: readonly Change[];
  /** Only the old report has it. */
  readonly gone: readonly Change[];
  /** Other changes, such as from passed to skipped: nothing fails, but the run checks less, or other things. */
  readonly otherwise: readonly Change[];
  /** The number of cases with the same standing in both. */
  readonly unchanged: number;
  /** Why the reports can be compared only in part, such as another level. */
  readonly remarks: readonly string[];
  /** Whether something fails that did not before: newly failing, or added and failing. */
  readonly isWorse: boolean;
}

/** Reports that cannot be compared. The message is one line. */
export class ComparisonError extends Error {
  override readonly name = 'ComparisonError';
  readonly code = 'report-invalid';
}

/**
 * Says what changed. A run is compared with a run, whatever its target is called, and a matrix with a matrix,
 * implementation by implementation.
 * @throws ComparisonError where one is of a run and the other of a matrix
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
    gone: listOf('gone'),
    otherwise: listOf('otherwise'),
    unchanged: listOf('unchanged').length,
    remarks: pairs.flatMap(remarksOn),
    isWorse: newlyFailing.length > 0 || added.some(({ after }) => isTrouble(after)),
  };
}

function kindOf({ before, after }: Change) {
  if (before === after) return 'unchanged';
  if (before === undefined) return 'added';
  if (after === undefined) return 'gone';
  if (isTrouble(after) && !isTrouble(before)) return 'newlyFailing';
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
    `the ${old.kind === 'matrix' ? 'old' : 'new'} report is of a matrix and the other of one run; --target NAME takes one implementation of the matrix`,
  );
}

/**
 * The report with just this implementation of a matrix, as a run; a run stays as it is.
 * @throws ComparisonError for a name that the matrix does not have
 */
export function onlyTarget(report: ReadReport, name: string): ReadReport {
  if (report.kind === 'run') return report;
  const run = report.runs.get(name);
  if (run !== undefined) return { kind: 'run', run };
  throw new ComparisonError(
    `--target ${name}: a matrix has no such implementation; it has ${[...report.runs.keys()].join(', ')}`,
  );
}

function remarksOn({ name, before, after }: Pair): readonly string[] {
  const of = name === undefined ? '' : `${name}: `;
  if (before === undefined) return [`${of}the implementation is new`];
  if (after === undefined) return [`${of}the implementation is gone`];
  return [
    ...(before.level === after.level ? [] : [`${of}the level was ${before.level} and is ${after.level}`]),
    ...(before.narrowed && !after.narrowed ? [`${of}the old run was narrowed to some cases`] : []),
    ...(after.narrowed && !before.narrowed ? [`${of}the new run was narrowed to some cases`] : []),
    ...(before.error === undefined ? [] : [`${of}the target could not be tested before: ${before.error}`]),
  ];
}

function* changesOf({ name: implementation, before, after }: Pair): Generator<Change> {
  const was = (standing: Standing): Standing | undefined => (before === undefined ? undefined : standing);
  if (before?.error === undefined && after?.error !== undefined) {
    const head = { implementation, subject: 'the target', clauses: [] };
    yield { ...head, before: was('passed'), after: 'not run', reason: after.error };
    // That its cases did not run says nothing more.
    return;
  }
  for (const capability of after?.missingCapabilities ?? []) {
    const wasMissing = before?.missingCapabilities.includes(capability) === true;
    const head = { implementation, subject: `capability ${capability}`, clauses: [] };
    const reason = 'it is demanded and not declared';
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
