import type { Standing } from '../report/summary.ts';
import type { ReadReport, ReportedCase, ReportedRun } from './reading.ts';

/** What became of a case from the old report to the new one. */
export interface Change {
  /** The implementation; undefined where both reports are of one run. */
  readonly implementation: string | undefined;
  /** The id of a case, or what it is about where it is no case: `the target`, `capability resume`. */
  readonly subject: string;
  /** Clause ids, the main one first. */
  readonly clauses: readonly string[];
  /** Undefined where the old report does not have it. */
  readonly before: Standing | undefined;
  /** Undefined where the new report does not have it. */
  readonly after: Standing | undefined;
  /** Why it does not pass now, or did not before; empty where there is nothing to say. */
  readonly reason: string;
}

/** What changed between two reports. A case is in one list at most; what stayed as it was is in none. */
export interface Comparison {
  /** It kept nothing from being green before, and does now. */
  readonly newlyFailing: readonly Change[];
  /** It did not pass before, and does now. */
  readonly newlyPassing: readonly Change[];
  /** Only the new report has it. */
  readonly added: readonly Change[];
  /** Only the old report has it. */
  readonly gone: readonly Change[];
  /** Other changes, such as from passed to skipped: nothing fails, but less, or other things, are checked. */
  readonly otherwise: readonly Change[];
  /** How many cases are in both, with the same standing. */
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

const failingOutcomes: ReadonlySet<Standing> = new Set(['failed', 'stale', 'broken', 'not run']);

/**
 * Says what changed. A run is compared with a run, whatever its target is called, and a matrix with a matrix,
 * implementation by implementation.
 * @throws ComparisonError where one is of a run and the other of a matrix
 */
export function compareReports(old: ReadReport, fresh: ReadReport): Comparison {
  const remarks: string[] = [];
  const changes: Change[] = [];
  let unchanged = 0;
  for (const pair of pairsOf(old, fresh)) {
    remarks.push(...remarksOn(pair));
    for (const change of changesOf(pair)) {
      if (change.before === change.after) unchanged += 1;
      else changes.push(change);
    }
  }
  const newlyFailing = changes.filter(
    ({ before, after }) => before !== undefined && fails(after) && !fails(before),
  );
  const newlyPassing = changes.filter(
    ({ before, after }) => before !== undefined && before !== 'passed' && after === 'passed',
  );
  const added = changes.filter(({ before }) => before === undefined);
  const gone = changes.filter(({ after }) => after === undefined);
  const told = new Set([...newlyFailing, ...newlyPassing, ...added, ...gone]);
  return {
    newlyFailing,
    newlyPassing,
    added,
    gone,
    otherwise: changes.filter((change) => !told.has(change)),
    unchanged,
    remarks,
    isWorse: newlyFailing.length > 0 || added.some(({ after }) => fails(after)),
  };
}

function fails(standing: Standing | undefined): boolean {
  return standing !== undefined && failingOutcomes.has(standing);
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
 * The report with just this implementation of a matrix, as a run; a run stays what it is.
 * @throws ComparisonError for a name that the matrix does not have
 */
export function onlyTarget(report: ReadReport, name: string): ReadReport {
  if (report.kind === 'run') return report;
  const run = report.runs.get(name);
  if (run === undefined) {
    throw new ComparisonError(
      `--target ${name}: a matrix has no such implementation; it has ${[...report.runs.keys()].join(', ')}`,
    );
  }
  return { kind: 'run', run };
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

function* changesOf({ name, before, after }: Pair): Generator<Change> {
  if (before?.error === undefined && after?.error !== undefined) {
    yield {
      implementation: name,
      subject: 'the target',
      clauses: [],
      before: before === undefined ? undefined : 'passed',
      after: 'not run',
      reason: after.error,
    };
    // That its cases did not run says nothing more.
    return;
  }
  for (const capability of after?.missingCapabilities ?? []) {
    const wasMissing = before?.missingCapabilities.includes(capability) === true;
    yield {
      implementation: name,
      subject: `capability ${capability}`,
      clauses: [],
      before: before === undefined ? undefined : wasMissing ? 'failed' : 'passed',
      after: 'failed',
      reason: 'it is demanded and not declared',
    };
  }
  const ids = new Set([...(after?.cases.keys() ?? []), ...(before?.cases.keys() ?? [])]);
  for (const id of ids) yield changeOf(name, before?.cases.get(id), after?.cases.get(id));
}

function changeOf(
  implementation: string | undefined,
  before: ReportedCase | undefined,
  after: ReportedCase | undefined,
): Change {
  const { id = '', clauses = [] } = after ?? before ?? {};
  return {
    implementation,
    subject: id,
    clauses,
    before: before?.standing,
    after: after?.standing,
    reason: after === undefined || after.reason === '' ? (before?.reason ?? '') : after.reason,
  };
}
