import { packageRoot } from '../../../base/package.ts';
import { checkWritable } from '../../../base/write-file.ts';
import { onlyTarget } from '../../compare/compare.ts';
import { type ReadReport, readReport } from '../../compare/reading.ts';
import { makeCompareReport } from '../../compare/report.ts';
import { comparisonLines } from '../../compare/terminal.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { loadClauses } from '../../load/clauses.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import type { CommandContext } from '../command-context.ts';
import { deliverReports } from '../deliver-reports.ts';
import { withoutCommands } from '../workflow-commands.ts';
import type { CompareRequest } from './compare-options.ts';

/**
 * Prints the changes between two reports and writes the requested files.
 * @returns 1 if there is a new failure, 2 if a file could not be written, otherwise 0
 * @throws ReportFileError, ComparisonError, UnwritableFileError
 */
export async function compareCommand(
  { oldFile, newFile, target, output: outputRequest }: CompareRequest,
  context: CommandContext,
): Promise<ExitCode> {
  const { output, environment, tool } = context;
  for (const { path } of outputRequest.reports) await checkWritable(path);
  const startedAt = Date.now();
  const read = async (file: string): Promise<ReadReport> => {
    const report = await readReport(file);
    return target === undefined ? report : onlyTarget(report, target);
  };
  const [old, fresh] = [await read(oldFile), await read(newFile)];
  const report = makeCompareReport({
    tool,
    startedAt,
    old: { file: oldFile, report: old },
    fresh: { file: newFile, report: fresh },
    clauses: outputRequest.reports.length === 0 ? undefined : await loadClauses(packageRoot()),
  });
  const palette = makePalette(
    wantsColour({ option: outputRequest.colour, environment, isTTY: output.isTTY }),
  );
  await withoutCommands(context, async () => {
    output.write(`${comparisonLines(report.comparison, palette).join('\n')}\n`);
  });
  const published = await deliverReports(report, outputRequest, context);
  const { exitCode } = report.verdict;
  return exitCode === 0 && !published ? 2 : exitCode;
}
