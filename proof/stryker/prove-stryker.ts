import { availableParallelism } from 'node:os';
import picomatch from 'picomatch';
import { groupBy } from '../../base/group.ts';
import { checkWritable, writeWhole } from '../../base/write-file.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { shellCommand } from '../../runners/exit-cleanup.ts';
import { sampleOf } from '../harness/prove-faults.ts';
import type { Coverage } from './coverage.ts';
import { reasonToIgnore } from './ignored.ts';
import { buildInstrumented } from './instrumented-build.ts';
import { digestsOf, MutantLog } from './mutant-log.ts';
import { problemsOf, renderMarkdown, renderText } from './report.ts';
import { mutatedParts } from './subjects.ts';
import { tryMutants } from './try-mutants.ts';
import { Worker } from './worker.ts';

/** Options of a run with mutants of Stryker. */
export interface StrykerRequest {
  /** Names of mutated parts, or paths or globs of their files. An empty list selects all. */
  readonly names: readonly string[];
  /** Number of the selected mutants to try, evenly spread. All by default. */
  readonly sample?: number;
  /** Number of concurrent trials. */
  readonly together?: number;
  /** Path of a file that keeps the finished trials. */
  readonly resume?: string;
  /** Path of the Markdown report. */
  readonly markdown?: string;
  /** Receives each reason for which the run failed, in one line. */
  readonly tell?: (problem: string) => void;
}

/**
 * Tries mutants of Stryker and prints the report. Resolves to exit code 0, or 1 if a mutant survives without a reason.
 * @throws UsageError, UnwritableFileError
 */
export async function proveStryker(request: StrykerRequest, signal: AbortSignal): Promise<number> {
  for (const path of [request.markdown, request.resume]) if (path !== undefined) await checkWritable(path);
  const files = selectFiles(request.names);
  const { mutants, digest } = await buildInstrumented();
  const { cases } = await loadOwnFixtures();
  const log = await MutantLog.open(request.resume, digest, digestsOf(cases));
  log.covered ?? (await log.keepCoverage(await cover()));
  const own = mutants.filter(({ file }) => files.includes(file));
  const ignored = groupBy(own, reasonToIgnore);
  const notIgnored = own.filter((mutant) => reasonToIgnore(mutant) === undefined);
  const { together = availableParallelism() + 1 } = request;
  const trials = await tryMutants(sampleOf(notIgnored, request.sample), { cases, log, together, signal });
  const report = {
    trials,
    ignored: new Map([...ignored].map(([reason, { length }]) => [reason, length])),
    leftOut: notIgnored.length - trials.length,
    cases: cases.length,
    failing: log.covered?.coverage.failing ?? [],
  };
  process.stdout.write(renderText(report));
  const problems = problemsOf(report);
  for (const problem of problems) request.tell?.(problem);
  if (request.markdown !== undefined) {
    const recording = { date: new Date().toISOString().slice(0, 10), command: commandOf(request) };
    await writeWhole(request.markdown, renderMarkdown(report, recording));
  }
  return problems.length === 0 && !signal.aborted ? 0 : 1;
}

/** Finds out which mutants the suite reaches. */
async function cover(): Promise<Coverage> {
  using worker = new Worker();
  const { coverage } = await worker.carryOut({ kind: 'cover' });
  if (coverage === undefined) throw new Error('the instrumented runtime ends although no mutant is active');
  return coverage;
}

/** Returns the command that repeats the run. */
function commandOf({ names, sample, markdown }: StrykerRequest): string {
  const options = [
    ...(sample === undefined ? [] : ['--sample', `${sample}`]),
    ...(markdown === undefined ? [] : ['--markdown', markdown]),
  ];
  return shellCommand(['npm', 'run', 'prove', '--', 'stryker', ...names, ...options]);
}

/** Returns the files of parts, paths or globs. @throws UsageError if one matches nothing */
function selectFiles(names: readonly string[]): readonly string[] {
  const all = mutatedParts.flatMap(({ files }) => files);
  if (names.length === 0) return all;
  return names.flatMap((name) => {
    const part = mutatedParts.find((each) => each.name === name);
    const found = part?.files ?? all.filter((file) => picomatch(name)(file));
    if (found.length > 0) return found;
    const parts = mutatedParts.map((each) => each.name).join(', ');
    throw new UsageError(`no mutated file matches ${name}; the parts are ${parts}`);
  });
}
