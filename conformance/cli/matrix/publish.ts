import { appendFile } from 'node:fs/promises';
import { renderMatrixJson } from '../../matrix/json.ts';
import { renderMatrixJunit } from '../../matrix/junit.ts';
import { renderMatrixMarkdown } from '../../matrix/markdown.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import { renderAnnotations } from '../../report/github.ts';
import { writeWhole } from '../../report/write-file.ts';
import type { ReportKind, ReportRequest } from '../report-request.ts';
import type { Surroundings } from '../surroundings.ts';

const RENDERERS: Readonly<Record<ReportKind, (matrix: MatrixReport) => string>> = {
  json: renderMatrixJson,
  junit: renderMatrixJunit,
  markdown: renderMatrixMarkdown,
};

/**
 * Writes the reports that were asked for and, on GitHub, annotations and the step's summary. What cannot be written is
 * complained about.
 * @returns whether all reports that were asked for are written
 */
export async function publishMatrix(
  matrix: MatrixReport,
  requests: readonly ReportRequest[],
  { environment, output, complain }: Surroundings,
): Promise<boolean> {
  let complete = true;
  for (const { kind, path } of requests) {
    try {
      await writeWhole(path, RENDERERS[kind](matrix));
    } catch (error) {
      complete = false;
      complain(`--report ${kind}=${path}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (environment['GITHUB_ACTIONS'] === 'true') {
    for (const { name, report } of matrix.implementations) output.write(renderAnnotations(report, name));
  }
  const summary = environment['GITHUB_STEP_SUMMARY'] ?? '';
  if (summary !== '') {
    try {
      await appendFile(summary, renderMatrixMarkdown(matrix));
    } catch (error) {
      complain(
        `the summary of the step cannot be written: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  return complete;
}
