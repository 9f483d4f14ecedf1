import { packageRoot } from '../../../base/package.ts';
import { checkWritable, writeWhole } from '../../../base/write-file.ts';
import { type ReportDocument, readDocument } from '../../compare/document.ts';
import { jsonText } from '../../formats/json/run.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { loadClauses } from '../../load/clauses.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import type { Sourced } from '../../merge/joinable.ts';
import { mergeReports } from '../../merge/merge-reports.ts';
import type { Report } from '../../report/report.ts';
import { count, oneLine } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { deliverReports } from '../deliver-reports.ts';
import { withoutCommands } from '../workflow-commands.ts';
import type { ReportInvocation } from './report-options.ts';

/**
 * Merges reports, prints the verdict on the whole, and writes it in the requested formats.
 * @returns the exit code of the verdict, or 2 for a green one if a report could not be written
 * @throws ReportFileError, MergeError, UnwritableFileError
 */
export async function mergeCommand(
  { files, out, output: outputRequest }: Extract<ReportInvocation, { kind: 'merge' }>,
  context: CommandContext,
): Promise<ExitCode> {
  for (const path of [out, ...outputRequest.reports.map((each) => each.path)]) await checkWritable(path);
  const reports: Sourced<ReportDocument>[] = [];
  for (const file of files) reports.push({ file, part: await readDocument(file) });
  const { document, report, sentence, exitCode } = mergeReports(reports);
  await writeWhole(out, jsonText(document));
  await withoutCommands(context, async () => {
    const lines = [`${out}: merged ${count(files.length, 'report')}`, sentence];
    context.output.write(`${lines.map(oneLine).join('\n')}\n`);
  });
  const published = await deliverReports(await withTexts(report, context), outputRequest, context);
  return exitCode === 0 && !published ? 2 : exitCode;
}

/** Adds the texts of the clauses, which JSON reports lack, if this version of the kit made the report. */
async function withTexts<R extends Report | MatrixReport>(report: R, { tool }: CommandContext): Promise<R> {
  if (report.kind === 'no-target' || report.tool.version !== tool.version) return report;
  const known = await loadClauses(packageRoot());
  const clauses = [...report.clauses].map(([id, clause]) => [id, known.get(id) ?? clause] as const);
  return { ...report, clauses: new Map(clauses) };
}
