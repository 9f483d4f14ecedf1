import { publish } from '../../formats/publish.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { matrixLines } from '../../matrix/terminal.ts';
import { configFile } from '../../plan/config-file.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import { count } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { parseWords, quietCommand } from '../command-parts.ts';
import { withoutCommands } from '../workflow-commands.ts';
import { addTargetOptions, type WrittenTargetOptions } from './command-line.ts';
import { makeMatrixPlan } from './plan.ts';
import { MatrixProgress } from './progress.ts';
import { runTargets } from './run-targets.ts';

/**
 * `matrix`: the same cases on several implementations, side by side.
 * @param words what follows the verb
 * @throws UsageError, ConfigError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function matrixCommand(words: readonly string[], context: CommandContext): Promise<ExitCode> {
  const command = addTargetOptions(
    quietCommand(
      'mcp-runtime-conformance matrix',
      'Runs the suite on several implementations, side by side.',
    ),
  ).addHelpText(
    'after',
    '\nExit code: 0 all are conformant, 1 one is not, 2 wrong usage or files, 3 one could not be tested.',
  );
  const parsed = parseWords(command, words);
  if (parsed.kind === 'text') {
    context.output.write(parsed.text);
    return 0;
  }
  const plan = await makeMatrixPlan(command.opts<WrittenTargetOptions>());
  if (plan.targets.length === 0) {
    throw new UsageError(
      `there is no target: name some with --target NAME=image:… (or command:, socket:, embedded), or in ${configFile}`,
    );
  }
  const { output, environment, tool } = context;
  const palette = makePalette(wantsColour({ option: plan.colour, environment, isTTY: output.isTTY }));
  const matrix = await withoutCommands(context, async () => {
    using progress = new MatrixProgress(
      output,
      palette,
      plan.targets.map(({ name }) => name),
    );
    const implementations = count(plan.targets.length, 'implementation');
    const cases = count(plan.cases.length, 'case');
    progress.print([
      `${palette.strong(tool.name)} ${tool.version} · matrix of ${implementations}, ${cases}, level ${plan.level}`,
      '',
    ]);
    const whole = await runTargets(plan, progress, context);
    const width = Math.min(output.columns ?? 100, 110);
    progress.print(matrixLines(whole, { palette, width, verbose: plan.verbose }));
    return whole;
  });
  const published = await publish(matrix, plan.reports, context);
  const { exitCode } = matrix.verdict;
  return exitCode === 0 && !published ? 2 : exitCode;
}
