import { appendFile } from 'node:fs/promises';
import { renderProtoJson } from '../../proto-check/json.ts';
import { renderProtoJunit } from '../../proto-check/junit.ts';
import { renderProtoMarkdown } from '../../proto-check/markdown.ts';
import type { ProtoReport } from '../../proto-check/report.ts';
import { renderProblems } from '../../report/github.ts';
import { writeWhole } from '../../report/write-file.ts';
import type { ReportKind, ReportRequest } from '../report-request.ts';
import type { Surroundings } from '../surroundings.ts';

const RENDERERS: Readonly<Record<ReportKind, (report: ProtoReport) => string>> = {
  json: renderProtoJson,
  junit: renderProtoJunit,
  markdown: renderProtoMarkdown,
};

/**
 * Writes the reports that were asked for and, on GitHub, annotations and the step's summary. What cannot be written is
 * complained about.
 * @returns whether all reports that were asked for are written
 */
export async function publishProto(
  report: ProtoReport,
  requests: readonly ReportRequest[],
  { environment, output, complain }: Surroundings,
): Promise<boolean> {
  let complete = true;
  for (const { kind, path } of requests) {
    try {
      await writeWhole(path, RENDERERS[kind](report));
    } catch (error) {
      complete = false;
      complain(`--report ${kind}=${path}: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (environment['GITHUB_ACTIONS'] === 'true') {
    const { breaks, lint } = report.check;
    output.write(
      renderProblems([
        ...breaks.map((found) => ({ ...found, title: `${found.layer} break ${found.name}`.trimEnd() })),
        ...lint.map((finding) => ({ ...finding, title: finding.rule })),
      ]),
    );
  }
  const summary = environment['GITHUB_STEP_SUMMARY'] ?? '';
  if (summary !== '') {
    try {
      await appendFile(summary, renderProtoMarkdown(report));
    } catch (error) {
      complain(
        `the summary of the step cannot be written: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  return complete;
}
