import { checkWritable } from '../../../base/write-file.ts';
import { kindOf } from '../../../runners/kinds.ts';
import { evidenceFor } from '../../formats/index.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import { runTargets } from '../../matrix/run-targets.ts';
import { matrixLines, quietMatrixLines } from '../../matrix/terminal.ts';
import { configFile } from '../../plan/defaults.ts';
import { rememberedTarget } from '../../plan/last-outcome.ts';
import { type MatrixPlan, makeMatrixPlan, type PlannedTarget } from '../../plan/matrix-plan.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { makeLinks, wantsLinks } from '../../report/links.ts';
import { muted, widthOf } from '../../report/live-line.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import { count } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { deliverReports } from '../deliver-reports.ts';
import type { LoopSubject, LoopTarget } from '../loop/loop-subject.ts';
import { runLoop } from '../loop/run-loop.ts';
import type { OutputRequest } from '../option-groups.ts';
import { withoutCommands } from '../workflow-commands.ts';
import type { MatrixLoopInvocation } from './matrix-options.ts';
import { MatrixProgress } from './progress.ts';

/**
 * Runs the same cases on several implementations and compares the results, once or after each change.
 * @throws UsageError, ConfigError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function matrixCommand(
  { request: given, output, loop }: MatrixLoopInvocation,
  context: CommandContext,
): Promise<number> {
  const request = { ...given, ...evidenceFor(output) };
  const start = await makeMatrixPlan(request);
  const { targets } = start;
  for (const { path } of output.reports) await checkWritable(path);
  if (targets.length === 0) {
    throw new UsageError(
      `no targets: specify at least one with --target NAME=KIND:VALUE, such as ts=image:my-runtime:latest, or in ${configFile}`,
    );
  }
  const subject: LoopSubject = {
    label: targets.map(({ name }) => name).join(', '),
    targets: targets.map(loopTarget),
    watched: async () => {
      const { watchedOf } = await import('../watch/watched-of.ts');
      const parts = targets.map(({ target }) => kindOf(target).changingParts?.(target) ?? {});
      const given = (values: readonly (string | undefined)[]) => values.filter((each) => each !== undefined);
      return watchedOf(parts, {
        paths: loop.watchPaths,
        files: given([request.config, ...targets.map(({ knownFailures }) => knownFailures)]),
        folders: given([targets[0]?.plan.request.fixtures]),
      });
    },
    run: async (choice, runContext, onReport) => {
      const isPlanned = !loop.watch && !loop.failed;
      const plan = isPlanned ? start : await makeMatrixPlan({ ...request, ...choice });
      return matrixRun(plan, output, {
        ...runContext,
        onMatrix: async ({ implementations }) => {
          for (const [index, { report }] of implementations.entries()) {
            const planned = plan.targets[index];
            if (planned !== undefined) await onReport(loopTarget(planned), report);
          }
        },
      });
    },
  };
  return runLoop(subject, loop, context);
}

function loopTarget({ name, target, plan }: PlannedTarget): LoopTarget {
  return { name, ...rememberedTarget(target, plan.request.fixtures) };
}

interface MatrixContext extends CommandContext {
  /** Called with the report before it is printed. */
  readonly onMatrix: (matrix: MatrixReport) => Promise<void>;
}

/** Runs the targets once, prints the comparison and writes the requested files. */
async function matrixRun(
  plan: MatrixPlan,
  outputRequest: OutputRequest,
  context: MatrixContext,
): Promise<ExitCode> {
  const { output, environment, tool } = context;
  const palette = makePalette(
    wantsColour({ option: outputRequest.colour, environment, isTTY: output.isTTY }),
  );
  const matrix = await withoutCommands(context, async () => {
    const { quiet, verbose } = outputRequest;
    using progress = new MatrixProgress(quiet ? muted(output) : output, palette, plan.targets);
    const implementations = count(plan.targets.length, 'implementation');
    const cases = count(plan.cases.length, 'case');
    const part = plan.shard === undefined ? '' : `, shard ${plan.shard.index}/${plan.shard.of}`;
    progress.print([
      `${palette.strong(tool.name)} ${tool.version} · matrix of ${implementations}, ${cases}, level ${plan.level}${part}`,
      '',
    ]);
    const whole = await runTargets(plan, progress, context);
    await context.onMatrix(whole);
    const links = makeLinks(wantsLinks({ environment, isTTY: output.isTTY }));
    const style = { palette, links, width: widthOf(output), verbose };
    if (quiet) output.write(`${quietMatrixLines(whole, style).join('\n')}\n`);
    else progress.print(matrixLines(whole, style));
    return whole;
  });
  const published = await deliverReports(matrix, outputRequest, context);
  const { exitCode } = matrix.verdict;
  return exitCode === 0 && !published ? 2 : exitCode;
}
