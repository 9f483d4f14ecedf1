import { checkWritable, writeWhole } from '../../base/write-file.ts';
import { parseReports } from '../../conformance/cli/report-request.ts';
import { jsonText } from '../../conformance/formats/json/run.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { allFaults } from './faults.ts';
import { problemsOf } from './invariants/ledger.ts';
import { describeChaos } from './report.ts';
import { type ChaosResult, runChaos } from './run-chaos.ts';
import { type RuntimeKind, runtimeKinds } from './system/runtime-program.ts';

/** Options of `prove chaos`. */
export interface ChaosRequest {
  /** Seconds of chaos. */
  readonly duration?: number;
  readonly callers?: number;
  /** One runtime for each gateway, or one for both. */
  readonly runtime?: readonly string[];
  readonly seed?: number;
  /** Values of `--report`. */
  readonly report?: readonly string[];
  /** Uses gateways with faults, which the invariants must find. */
  readonly faults?: boolean;
}

const defaults = { duration: 600, callers: 200, seed: 1, runtime: ['typescript'] };
const pairs = 2;

/**
 * Disturbs two gateways and their runtimes while callers use them.
 * @returns the exit code: 0 if no invariant is violated, else 1. With faults: 0 if every invariant is violated, else 1
 * @throws UsageError, UnwritableFileError, NoProgramError
 */
export async function proveChaos(
  request: ChaosRequest,
  signal: AbortSignal,
  tell: (problem: string) => void,
): Promise<number> {
  if (process.platform !== 'linux') throw new UsageError('prove chaos needs Linux, because it reads /proc');
  const { duration, callers, seed, faults = false, report = [] } = { ...defaults, ...request };
  const runtimes = runtimesOf(request.runtime ?? defaults.runtime);
  const paths = await reportPaths(report);
  const write = (line: string) => process.stdout.write(`${line}\n`);
  write(`seed ${seed}, ${callers} callers, ${duration} s, runtimes ${runtimes.join(' and ')}`);
  const plan = {
    durationMs: duration * 1_000,
    callers,
    seed,
    runtimes,
    ...(faults && { gateway: allFaults, settleMs: 1 }),
  };
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const result = await runChaos(plan, { signal, progress });
  for (const path of paths) await writeWhole(path, jsonText({ kind: 'chaos', ...result }));
  write(`\n${describeChaos(result)}\n`);
  const problems = faults ? unnoticed(result) : problemsOf(result.invariants);
  for (const problem of problems) {
    write(`FAILED  ${problem}`);
    tell(problem);
  }
  if (problems.length === 0)
    write(faults ? 'ok      each invariant was violated' : 'ok      no invariant was violated');
  return problems.length === 0 ? 0 : 1;
}

/** Returns the paths of the reports. @throws UsageError, UnwritableFileError */
async function reportPaths(values: readonly string[]): Promise<readonly string[]> {
  const files = parseReports(values);
  const other = files.find(({ format }) => format !== 'json');
  if (other !== undefined)
    throw new UsageError(`--report ${other.format}=${other.path}: the only format is json`);
  for (const { path } of files) await checkWritable(path);
  return files.map(({ path }) => path);
}

/** Returns a problem for each invariant without a violation. */
function unnoticed({ invariants }: ChaosResult): readonly string[] {
  const silent = invariants.filter(({ violations }) => violations === 0);
  return silent.map(({ name }) => `${name}: no violation was found, although the gateways have faults`);
}

/** @throws UsageError */
function runtimesOf(names: readonly string[]): readonly RuntimeKind[] {
  const kinds = names.map((name) => {
    const kind = runtimeKinds.find((each) => each === name);
    if (kind !== undefined) return kind;
    throw new UsageError(`--runtime ${name}: there is no such runtime; use ${runtimeKinds.join(', ')}`);
  });
  if (kinds.length > pairs)
    throw new UsageError(
      `--runtime: there are only ${pairs} gateways, so use the option at most ${pairs} times`,
    );
  return Array.from({ length: pairs }, (_, index) => kinds[index % kinds.length] ?? 'typescript');
}
