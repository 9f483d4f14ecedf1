import { resolve } from 'node:path';
import { errorMessage } from '../../base/error-message.ts';
import type { ReportSubject } from '../formats/format.ts';
import { publish } from '../formats/publish.ts';
import { makeLinks, wantsLinks } from '../report/links.ts';
import { visible } from '../text/text.ts';
import type { CommandContext } from './command-context.ts';
import type { OutputRequest } from './option-groups.ts';

/**
 * Writes the requested reports, prints the path of the HTML report as the last line, and opens it on request. With
 * `--open` alone, the HTML report is a temporary file. If it cannot be opened, prints a warning.
 * @returns whether all reports were written
 */
export async function deliverReports(
  subject: ReportSubject,
  { reports, open, quiet }: Pick<OutputRequest, 'reports' | 'open' | 'quiet'>,
  context: CommandContext,
): Promise<boolean> {
  const { output, environment, warn } = context;
  const requested = reports.find(({ format }) => format === 'html')?.path;
  const page = requested ?? (open ? await context.temporaryPage() : undefined);
  const added = requested === undefined && page !== undefined ? [{ format: 'html', path: page }] : [];
  const published = await publish(subject, [...reports, ...added], context);
  if (page === undefined || !published) return published;
  if (!quiet) {
    const links = makeLinks(wantsLinks({ environment, isTTY: output.isTTY }));
    output.write(`report ${links.file(resolve(page), visible(page))}\n`);
  }
  if (open) {
    await context.openFile(resolve(page)).catch((error) => warn(`--open: ${errorMessage(error)}`));
  }
  return published;
}
