import { join } from 'node:path';
import picomatch from 'picomatch';
import { nearest } from '../../base/nearest.ts';
import { packageRoot } from '../../base/package.ts';
import { checkWritable, writeWhole } from '../../base/write-file.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { shellCommand } from '../../runners/exit-cleanup.ts';
import { unobservable } from '../faults/unobservable.ts';
import type { Fault } from './fault.ts';
import { renderIsolation } from './isolation-page.ts';
import { type FaultKind, faultKinds } from './kinds.ts';
import { makeMatrix } from './matrix.ts';
import { isGood, problemsOf, renderMarkdown, renderText } from './report.ts';
import { parseFaultReports, writeFaultReports } from './report-files.ts';
import { type Trial, tryUntouched } from './subject.ts';
import { identifyBuild, TrialLog } from './trial-log.ts';
import { Worker } from './worker.ts';

/** Options of a fault run. */
export interface FaultRequest {
  /** Names or globs of faults. An empty list selects all. */
  readonly names: readonly string[];
  /** Clauses or globs of clauses. Selects all by default. */
  readonly clause?: readonly string[];
  /** Number of the selected faults to try, evenly spread over their list. All by default. */
  readonly sample?: number;
  /** Lists the faults instead of running cases. */
  readonly list?: boolean;
  /** Runs the whole suite against each fault, instead of only the cases of its clause. */
  readonly wholeSuite?: boolean;
  /** Number of the faults, evenly spread, to run the whole suite against. Without effect beside `wholeSuite`. */
  readonly isolation?: number;
  /** Number of concurrent trials. */
  readonly together?: number;
  /** Path of a file that keeps the finished trials. An interrupted run of the same build continues from it. */
  readonly resume?: string;
  /** Report files: `json=FILE` or `html=FILE`, or several separated by commas. */
  readonly report?: readonly string[];
  /** Path of the Markdown report. */
  readonly markdown?: string;
  /** Receives each reason for which the run failed, in one line. */
  readonly tell?: (problem: string) => void;
}

/**
 * Runs cases against faults and prints the report. Resolves to exit code 0 or 1.
 * @throws UsageError, UnwritableFileError
 */
export async function proveFaults(
  kind: FaultKind,
  request: FaultRequest,
  signal: AbortSignal,
): Promise<number> {
  const [startedAt, start] = [Date.now(), performance.now()];
  const files = parseFaultReports(request.report ?? []);
  for (const path of [...files.map((file) => file.path), request.markdown, request.resume])
    if (path !== undefined) await checkWritable(path);
  await faultKinds[kind].prepare?.();
  const subject = await faultKinds[kind].load();
  const chosen = sampleOf(select(subject.faults, request), request.sample);
  if (request.list === true) {
    process.stdout.write(chosen.map(({ name, clause, about }) => `${name}  ${clause}  ${about}\n`).join(''));
    return 0;
  }
  const untouched = await tryUntouched(subject, signal);
  const { together = subject.together, wholeSuite = false, isolation = 0 } = request;
  const whole = wholeSuite ? chosen : isolation > 0 ? sampleOf(chosen, isolation) : [];
  const log =
    request.resume === undefined
      ? undefined
      : await TrialLog.open(request.resume, await identifyBuild(join(packageRoot(), 'dist')));
  const trials = await tryAll(kind, chosen, { whole: new Set(whole), together, log, signal });
  const expects = chosen[0]?.expects ?? 'caught';
  const report = {
    about: subject.about,
    expects,
    matrix: makeMatrix(trials, subject.cases),
    cases: subject.cases.length,
    untouched,
    unobservable: kind === 'runtime' ? unobservable : {},
    tellsIdle:
      chosen.length === subject.faults.length &&
      expects === 'caught' &&
      (wholeSuite || subject.everyCaseCatches === true),
    durationMs: performance.now() - start,
  };
  process.stdout.write(renderText(report));
  for (const problem of problemsOf(report)) request.tell?.(problem);
  const command = commandOf(kind, request);
  await writeFaultReports(files, report, { kind, startedAt, command });
  if (request.markdown !== undefined) {
    const recording = { date: new Date().toISOString().slice(0, 10), command };
    const render = expects === 'caught' && wholeSuite ? renderIsolation : renderMarkdown;
    await writeWhole(request.markdown, render(report, recording));
  }
  if (trials.length === chosen.length) return isGood(report) ? 0 : 1;
  process.stdout.write(`interrupted after ${trials.length} of ${chosen.length} trials\n`);
  return 1;
}

/** Returns the command that repeats the run, and updates the Markdown page if there is one. */
function commandOf(
  kind: FaultKind,
  { names, clause = [], sample, wholeSuite, isolation, markdown }: FaultRequest,
): string {
  const selected = [
    ...names,
    ...clause.flatMap((each) => ['--clause', each]),
    ...(sample === undefined ? [] : ['--sample', `${sample}`]),
  ];
  const scope = wholeSuite
    ? ['--whole-suite']
    : isolation === undefined
      ? []
      : ['--isolation', `${isolation}`];
  const page = markdown === undefined ? [] : ['--markdown', markdown];
  const words = [...selected, ...scope, ...page];
  return shellCommand(['npm', 'run', 'prove', '--', kind, ...words]);
}

/** Selects faults by name and clause. @throws UsageError if a pattern matches nothing */
export function select<AFault extends Pick<Fault, 'name' | 'clause'>>(
  faults: readonly AFault[],
  { names, clause: clauses = [] }: Pick<FaultRequest, 'names' | 'clause'>,
): readonly AFault[] {
  const matching = (patterns: readonly string[], textOf: (fault: AFault) => string) => {
    const unmatched = patterns.find((pattern) => !faults.some((fault) => picomatch(pattern)(textOf(fault))));
    if (unmatched !== undefined) {
      const near = nearest(unmatched, faults.map(textOf));
      throw new UsageError(
        `no fault matches ${unmatched}; ${near === undefined ? '--list shows all faults' : `did you mean ${near}?`}`,
      );
    }
    const isMatch = patterns.length === 0 ? () => true : picomatch([...patterns]);
    return (fault: AFault) => isMatch(textOf(fault));
  };
  const byName = matching(names, ({ name }) => name);
  const byClause = matching(clauses, ({ clause }) => clause);
  const chosen = faults.filter((fault) => byName(fault) && byClause(fault));
  if (chosen.length === 0) throw new UsageError('no fault matches both the names and the clauses');
  return chosen;
}

/** Returns `count` items that are evenly spread over a list, or all of them. */
export function sampleOf<Item>(items: readonly Item[], count = items.length): readonly Item[] {
  const share = Math.min(1, count / items.length);
  return items.filter((_, index) => Math.floor((index + 1) * share) > Math.floor(index * share));
}

/** Number of trials before a new worker process starts. Faults leak resources into their process. */
const trialsPerWorker = 40;

interface TrialsOptions {
  /** The faults to run the whole suite against. They take longest, so they come first. */
  readonly whole: ReadonlySet<Fault>;
  readonly together: number;
  /** Has the finished trials of an interrupted run, and receives the new ones. */
  readonly log: TrialLog | undefined;
  readonly signal: AbortSignal;
}

/** Runs trials concurrently until the queue is empty or the signal aborts. Shows progress on a terminal. */
async function tryAll(
  kind: FaultKind,
  faults: readonly Fault[],
  { whole, together, log, signal }: TrialsOptions,
): Promise<readonly Trial[]> {
  const kept = faults.flatMap((fault) => log?.find(fault.name, whole.has(fault)) ?? []);
  const trials = new Map(kept.map((trial) => [trial.fault.name, trial]));
  const left = faults.filter(({ name }) => !trials.has(name));
  const queue = [...left.filter((fault) => whole.has(fault)), ...left.filter((fault) => !whole.has(fault))];
  const lane = async () => {
    while (queue.length > 0 && !signal.aborted) {
      using worker = new Worker(kind, signal);
      for (let left = trialsPerWorker; left > 0 && !signal.aborted; left -= 1) {
        const fault = queue.shift();
        if (fault === undefined) break;
        const trial = await worker.try({ name: fault.name, wholeSuite: whole.has(fault) });
        if (trial === undefined) break;
        trials.set(trial.fault.name, trial);
        await log?.add(trial);
        if (process.stderr.isTTY) process.stderr.write(`\r${trials.size} of ${faults.length}\r`);
      }
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
  return faults.flatMap(({ name }) => trials.get(name) ?? []);
}
