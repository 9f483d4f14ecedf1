import { checkWritable, writeWhole } from '../../../base/write-file.ts';
import { type ReportDocument, readDocument } from '../../compare/document.ts';
import { jsonText } from '../../formats/json/run.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import type { Sourced } from '../../merge/joinable.ts';
import { mergeReports } from '../../merge/merge-reports.ts';
import { count, oneLine } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import type { ReportInvocation } from './report-options.ts';

/**
 * Joins reports and prints the verdict on the whole.
 * @returns the exit code of the verdict
 * @throws ReportFileError, MergeError, UnwritableFileError
 */
export async function mergeCommand(
  { files, out }: Extract<ReportInvocation, { kind: 'merge' }>,
  { output }: CommandContext,
): Promise<ExitCode> {
  await checkWritable(out);
  const reports: Sourced<ReportDocument>[] = [];
  for (const file of files) reports.push({ file, part: await readDocument(file) });
  const { document, sentence, exitCode } = mergeReports(reports);
  await writeWhole(out, jsonText(document));
  output.write(`${oneLine(out)}: joined ${count(files.length, 'report')}\n${oneLine(sentence)}\n`);
  return exitCode;
}
