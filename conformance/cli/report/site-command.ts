import { makeSite } from '../../site/make-site.ts';
import { count, oneLine } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { htmlReport } from './html-report.ts';
import type { ReportInvocation } from './report-options.ts';

/**
 * Makes a site from a folder of reports.
 * @returns 0
 * @throws SiteError, ReportFileError
 */
export async function siteCommand(
  { folder, out, baseUrl }: Extract<ReportInvocation, { kind: 'site' }>,
  { output, warn }: CommandContext,
): Promise<number> {
  const { implementations, runs } = await makeSite({
    from: folder,
    to: out,
    baseUrl,
    renderReport: htmlReport,
    onSkip: warn,
  });
  output.write(
    `${oneLine(out)}/index.html: ${count(runs, 'run')} of ${count(implementations, 'implementation')}\n`,
  );
  return 0;
}
