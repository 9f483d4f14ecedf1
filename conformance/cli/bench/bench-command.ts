import { errorMessage } from '../../../base/error-message.ts';
import { runLong } from '../../../base/start-fast.ts';
import { checkWritable, writeWhole } from '../../../base/write-file.ts';
import { kindOf } from '../../../runners/kinds.ts';
import { RunnerError } from '../../../runners/runner.ts';
import type { BenchPlan } from '../../bench/plan.ts';
import type { BenchReport } from '../../bench/report.ts';
import { runBench } from '../../bench/run-bench.ts';
import type { BenchTarget } from '../../bench/targets/start-variants.ts';
import { benchLines, headLines } from '../../bench/terminal.ts';
import { reasonOf } from '../../check/report-of.ts';
import { renderBench } from '../../formats/bench.ts';
import { chooseTargets, findConfig } from '../../plan/targets.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { makePalette, type Palette, wantsColour } from '../../report/palette.ts';
import { oneLine } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import type { BenchOutput, BenchRequest } from './bench-options.ts';
import { BenchProgress } from './bench-progress.ts';

/**
 * Runs a benchmark, compares two, or measures the load generator.
 * @returns the exit code
 * @throws UsageError, BenchUsageError, ConfigError, UnwritableFileError, BenchFileError
 */
export async function benchCommand(request: BenchRequest, context: CommandContext): Promise<number> {
  const { output, environment } = context;
  runLong();
  const colour = request.kind === 'compare' ? request.colour : request.output.colour;
  const palette = makePalette(wantsColour({ option: colour, environment, isTTY: output.isTTY }));
  switch (request.kind) {
    case 'compare':
      return (await import('./compare-files.ts')).compareFiles(request, { output, palette });
    case 'self-test':
      return (await import('./self-test-command.ts')).selfTestCommand(request, { ...context, palette });
    case 'run': {
      const targets = await targetsOf(request);
      return measure({ ...request.plan, targets }, request.output, { ...context, palette });
    }
  }
}

/** @throws UsageError, ConfigError */
async function targetsOf({
  plan,
  targets,
  config,
}: BenchRequest & { kind: 'run' }): Promise<readonly BenchTarget[]> {
  if (targets.length === 0) return checked(plan.targets);
  const configuration = await findConfig(config, process.cwd());
  return checked(chooseTargets(targets, configuration.targets));
}

/** Reports invalid options before any target starts. @throws UsageError */
function checked(targets: readonly BenchTarget[]): readonly BenchTarget[] {
  for (const { name, target } of targets) {
    try {
      kindOf(target).check?.(target);
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      throw new UsageError(`target ${name}: ${error.message} ${error.advice}`);
    }
  }
  return targets;
}

async function measure(
  plan: BenchPlan,
  { reports }: BenchOutput,
  context: CommandContext & { readonly palette: Palette },
): Promise<number> {
  const { output, palette, tool, signal } = context;
  for (const { path } of reports) await checkWritable(path);
  for (const { target } of plan.targets) kindOf(target).preload?.();
  using progress = new BenchProgress(output);
  progress.print(headLines({ settings: plan, tool }, palette));
  let report: BenchReport;
  try {
    report = await runBench(plan, { tool, signal, listener: progress });
  } catch (error) {
    return failed(error, context);
  }
  progress.print(benchLines(report, palette));
  let exitCode: number = report.verdict.exitCode;
  for (const { format, path } of reports) {
    try {
      await writeWhole(path, await renderBench(report, format));
    } catch (error) {
      context.warn(`--report ${format}=${path}: ${errorMessage(error)}`);
      exitCode ||= 2;
    }
  }
  return exitCode;
}

/** Codes of errors in the benchmark itself. Their messages need no further explanation. */
const plainCodes: ReadonlySet<unknown> = new Set(['bench-preparation', 'bench-thread']);

/** Prints the reason that a target could not be measured. @returns the exit code */
function failed(error: unknown, { signal, warn }: CommandContext): number {
  if (signal.aborted) {
    warn('interrupted before anything was measured');
    return 3;
  }
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'usage') throw error;
    if (plainCodes.has(error.code)) {
      warn(`error: ${oneLine(error.message)}`);
      return 3;
    }
  }
  const { message, advice, logs } = reasonOf(error);
  warn(`error: ${message} ${advice}${logs.map(({ text }) => `\n  ${oneLine(text)}`).join('')}`);
  return 3;
}
