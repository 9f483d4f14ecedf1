import { checkWritable } from '../../../base/write-file.ts';
import { publish } from '../../formats/publish.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { runTargets } from '../../matrix/run-targets.ts';
import { matrixLines } from '../../matrix/terminal.ts';
import { configFile } from '../../plan/defaults.ts';
import { makeMatrixPlan } from '../../plan/matrix-plan.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import { count } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { withoutCommands } from '../workflow-commands.ts';
import type { MatrixInvocation } from './matrix-options.ts';
import { MatrixProgress } from './progress.ts';

/**
 * Runs the same cases on several implementations and compares the results.
 * @throws UsageError, ConfigError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function matrixCommand(
  { request, output: outputRequest }: MatrixInvocation,
  context: CommandContext,
): Promise<ExitCode> {
  const plan = await makeMatrixPlan(request);
  for (const { path } of outputRequest.reports) await checkWritable(path);
  if (plan.targets.length === 0) {
    throw new UsageError(
      `no targets: specify at least one with --target NAME=KIND:VALUE, such as ts=image:my-runtime:latest, or in ${configFile}`,
    );
  }
  const { output, environment, tool } = context;
  const palette = makePalette(
    wantsColour({ option: outputRequest.colour, environment, isTTY: output.isTTY }),
  );
  const matrix = await withoutCommands(context, async () => {
    using progress = new MatrixProgress(output, palette, plan.targets);
    const implementations = count(plan.targets.length, 'implementation');
    const cases = count(plan.cases.length, 'case');
    progress.print([
      `${palette.strong(tool.name)} ${tool.version} · matrix of ${implementations}, ${cases}, level ${plan.level}`,
      '',
    ]);
    const whole = await runTargets(plan, progress, context);
    const width = Math.min(output.columns ?? 100, 110);
    progress.print(matrixLines(whole, { palette, width, verbose: outputRequest.verbose }));
    return whole;
  });
  const published = await publish(matrix, outputRequest.reports, context);
  const { exitCode } = matrix.verdict;
  return exitCode === 0 && !published ? 2 : exitCode;
}
