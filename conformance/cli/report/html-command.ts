import { checkWritable, writeWhole } from '../../../base/write-file.ts';
import { type RunDocument, readDocument } from '../../compare/document.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { listed, oneLine } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { htmlReport } from './html-report.ts';
import type { ReportInvocation } from './report-options.ts';

/**
 * Writes a JSON report as an HTML file.
 * @returns 0
 * @throws ReportFileError, UsageError, UnwritableFileError
 */
export async function htmlCommand(
  { file, out, target }: Extract<ReportInvocation, { kind: 'html' }>,
  { output }: CommandContext,
): Promise<number> {
  await checkWritable(out);
  await writeWhole(out, htmlReport(await readRun(file, target)));
  output.write(`${oneLine(out)}\n`);
  return 0;
}

async function readRun(file: string, target: string | undefined): Promise<RunDocument> {
  const report = await readDocument(file);
  if (report.kind === 'run') return report.run;
  const { implementations } = report.matrix;
  const found = implementations.find(({ name }) => name === target);
  if (found !== undefined) return found.report;
  const names = oneLine(listed(implementations.map(({ name }) => name)));
  throw new UsageError(`${oneLine(file)} is a matrix; choose an implementation with --target: ${names}`);
}
