import { errorMessage } from '../../base/error-message.ts';
import { appendWhole, writeWhole } from '../../base/write-file.ts';
import type { ReportSubject } from './format.ts';
import { renderReport } from './index.ts';

/** A requested report file. */
export interface ReportRequest {
  /** Name of the format. */
  readonly format: string;
  readonly path: string;
}

/** The process that publishes the report. */
export interface PublicationContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly output: { write(text: string): void };
  /** Called with warnings for people, without a trailing newline. */
  readonly warn: (message: string) => void;
}

/**
 * Writes the requested reports and, on GitHub, annotations and the step summary. If a file cannot be written, prints a
 * warning.
 * @returns whether all requested reports were written
 */
export async function publish(
  subject: ReportSubject,
  requests: readonly ReportRequest[],
  { environment, output, warn }: PublicationContext,
): Promise<boolean> {
  let complete = true;
  for (const { format, path } of requests) {
    try {
      await writeWhole(path, await renderReport(subject, format));
    } catch (error) {
      complete = false;
      warn(`--report ${format}=${path}: ${errorMessage(error)}`);
    }
  }
  if (environment['GITHUB_ACTIONS'] === 'true') {
    output.write((await import('./github/annotations.ts')).renderAnnotations(subject));
  }
  const summary = environment['GITHUB_STEP_SUMMARY'] ?? '';
  if (summary !== '') {
    try {
      await appendWhole(summary, await renderReport(subject, 'markdown'));
    } catch (error) {
      warn(`step summary: ${errorMessage(error)}`);
    }
  }
  return complete;
}
