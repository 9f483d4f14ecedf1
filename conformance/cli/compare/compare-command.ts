import { compareReports, onlyTarget } from '../../compare/compare.ts';
import { type ReadReport, readReport } from '../../compare/reading.ts';
import { comparisonLines } from '../../compare/terminal.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import type { CommandContext } from '../command-context.ts';
import { parseWords, quietCommand, text } from '../command-parts.ts';

/**
 * `compare OLD.json NEW.json`: newly failing, newly passing, new, gone.
 * @param words what follows the verb
 * @returns 1 where something fails that did not before
 * @throws UsageError, ReportFileError, ComparisonError
 */
export async function compareCommand(words: readonly string[], context: CommandContext): Promise<ExitCode> {
  const command = quietCommand(
    'mcp-runtime-conformance compare',
    'Says what changed between two JSON reports, of a run each or of a matrix each.',
  )
    .usage('[options] OLD.json NEW.json')
    .allowExcessArguments(true)
    .addOption(text('--target <name>', 'only this implementation of a matrix'))
    .option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are heeded too)')
    .addHelpText(
      'after',
      '\nExit code: 0 nothing fails that did not before, 1 something does, 2 wrong usage or files.',
    );
  const parsed = parseWords(command, words);
  if (parsed.kind === 'text') {
    context.output.write(parsed.text);
    return 0;
  }
  const [oldFile, newFile, ...more] = command.args;
  if (oldFile === undefined || newFile === undefined || more.length > 0) {
    throw new UsageError(`compare needs two reports, OLD.json and NEW.json; found ${command.args.length}`);
  }
  const options = command.opts<{ readonly target?: string; readonly color: boolean }>();
  const read = async (file: string): Promise<ReadReport> => {
    const report = await readReport(file);
    return options.target === undefined ? report : onlyTarget(report, options.target);
  };
  const comparison = compareReports(await read(oldFile), await read(newFile));
  const { output, environment } = context;
  const colour = wantsColour({
    option: options.color ? undefined : false,
    environment,
    isTTY: output.isTTY,
  });
  const lines = comparisonLines(comparison, makePalette(colour));
  output.write(lines.map((line) => `${line}\n`).join(''));
  return comparison.isWorse ? 1 : 0;
}
