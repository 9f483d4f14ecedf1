import { appendFile } from 'node:fs/promises';
import { errorMessage } from '../../base/error-message.ts';
import { writeWhole } from '../../base/write-file.ts';
import type { Report } from '../report/report.ts';
import type { CommandContext } from './command-context.ts';
import type { ReportKind, ReportRequest } from './report-request.ts';

/** What can be made of an outcome, whatever it is an outcome of. */
export interface Publication {
  /** The text of a report. */
  readonly render: (kind: ReportKind) => string | Promise<string>;
  /** Workflow commands that put findings beside the lines they mean, on GitHub. */
  readonly annotations: () => string | Promise<string>;
}

/**
 * Writes the reports that were asked for and, on GitHub, annotations and the step's summary. What cannot be written is
 * complained about.
 * @returns whether all reports that were asked for are written
 */
export async function publish(
  { render, annotations }: Publication,
  requests: readonly ReportRequest[],
  { environment, output, warn }: CommandContext,
): Promise<boolean> {
  let complete = true;
  for (const { kind, path } of requests) {
    try {
      await writeWhole(path, await render(kind));
    } catch (error) {
      complete = false;
      warn(`--report ${kind}=${path}: ${errorMessage(error)}`);
    }
  }
  if (environment['GITHUB_ACTIONS'] === 'true') output.write(await annotations());
  const summary = environment['GITHUB_STEP_SUMMARY'] ?? '';
  if (summary !== '') {
    try {
      await appendFile(summary, await render('markdown'));
    } catch (error) {
      warn(`the summary of the step cannot be written: ${errorMessage(error)}`);
    }
  }
  return complete;
}

/** The reports of a run against one target. Each renderer is loaded when it is needed. */
export function publicationOf(report: Report): Publication {
  return {
    render: (kind) => render(kind, report),
    annotations: async () => (await import('../report/github.ts')).renderAnnotations(report),
  };
}

async function render(kind: ReportKind, report: Report): Promise<string> {
  switch (kind) {
    case 'json':
      return (await import('../report/json.ts')).renderJson(report);
    case 'junit':
      return (await import('../report/junit.ts')).renderJunit(report);
    case 'markdown':
      return (await import('../report/markdown.ts')).renderMarkdown(report);
  }
}
