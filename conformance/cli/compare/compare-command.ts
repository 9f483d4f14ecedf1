import { compareReports, onlyTarget } from '../../compare/compare.ts';
import { type ReadReport, readReport } from '../../compare/reading.ts';
import { comparisonLines } from '../../compare/terminal.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import type { CommandContext } from '../command-context.ts';
import type { CompareRequest } from './compare-options.ts';

/**
 * Prints the changes between two reports.
 * @returns 1 if there is a new failure, otherwise 0
 * @throws ReportFileError, ComparisonError
 */
export async function compareCommand(
  { oldFile, newFile, target, colour }: CompareRequest,
  { output, environment }: CommandContext,
): Promise<ExitCode> {
  const read = async (file: string): Promise<ReadReport> => {
    const report = await readReport(file);
    return target === undefined ? report : onlyTarget(report, target);
  };
  const comparison = compareReports(await read(oldFile), await read(newFile));
  const palette = makePalette(wantsColour({ option: colour, environment, isTTY: output.isTTY }));
  output.write(`${comparisonLines(comparison, palette).join('\n')}\n`);
  return comparison.isWorse ? 1 : 0;
}
