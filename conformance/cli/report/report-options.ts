import { UsageError } from '../../plan/usage-error.ts';
import { listed } from '../../text/text.ts';
import type { CliCommand } from '../cli-command.ts';
import { addReportOptions, type OutputOptions, type OutputRequest, takeOutput } from '../option-groups.ts';
import { text } from '../option-values.ts';

/** The parsed command line of a command for JSON reports. */
export type ReportInvocation =
  | {
      readonly kind: 'merge';
      readonly files: readonly string[];
      /** The file to write. */
      readonly out: string;
      /** The reports in other formats. */
      readonly output: OutputRequest;
    }
  | {
      readonly kind: 'html';
      readonly file: string;
      /** The file to write. */
      readonly out: string;
      /** The implementation of a matrix to show. */
      readonly target?: string;
    }
  | {
      readonly kind: 'site';
      /** The folder with the reports. */
      readonly folder: string;
      /** The folder to write. */
      readonly out: string;
      /** Where the site is published, for absolute links. */
      readonly baseUrl?: URL;
    };

type Handle = (invocation: ReportInvocation) => Promise<void>;

/** Declares the commands `report merge`, `report html` and `report site`. */
export function declareReport(report: CliCommand, handle: Handle): void {
  report
    .description('Merges JSON reports, or converts them to HTML pages or a site.')
    .argument('[words...]')
    .action(([word]: readonly string[]) => {
      const names = listed(report.commands.map((command) => `report ${command.name()}`));
      throw new UsageError(`use ${names}${word === undefined ? '' : `, not report ${word}`}`);
    });
  declareMerge(report, handle);
  declareHtml(report, handle);
  declareSite(report, handle);
}

function declareMerge(report: CliCommand, handle: Handle): void {
  const merge = report
    .command('merge')
    .summary('merge the reports of shards, or of several machines')
    .description(
      'Merges JSON reports: all shards of a run or of a matrix, or matrices of different implementations.\n' +
        'The result is equivalent to the report of one complete run, with its verdict.',
    )
    .usage('[options] FILE.json...')
    .argument('[files...]')
    .addOption(text('--out <file>', 'the JSON report to write'))
    .addHelpText(
      'after',
      '\nExit code: that of the verdict (0 conformant, 1 not conformant, 3 a target could\nnot be tested), or 2 for reports that cannot be merged.',
    )
    .action((files: readonly string[], options: OutputOptions & { readonly out?: string }) => {
      const [output, { out }] = takeOutput(options);
      if (files.length === 0) throw new UsageError('report merge needs at least one report: FILE.json');
      const twice = files.find((file, place) => files.indexOf(file) !== place);
      if (twice !== undefined) throw new UsageError(`report merge: ${twice} is given twice`);
      if (out === undefined) throw new UsageError('report merge needs --out: the JSON report to write');
      return handle({ kind: 'merge', files, out, output });
    });
  addReportOptions(merge);
}

function declareHtml(report: CliCommand, handle: Handle): void {
  report
    .command('html')
    .summary('make an HTML file from a report')
    .description('Writes a JSON report of a run, or of one implementation of a matrix, as one HTML file.')
    .usage('[options] FILE.json')
    .argument('[files...]')
    .addOption(text('--out <file>', 'the HTML file to write'))
    .addOption(text('--target <name>', 'the implementation to show, if the report is a matrix'))
    .addHelpText('after', '\nExit code: 0 written, 2 invalid usage or files.')
    .action(
      (
        [file, ...more]: readonly string[],
        { out, target }: { readonly out?: string; readonly target?: string },
      ) => {
        if (file === undefined || more.length > 0)
          throw new UsageError('report html needs one report: FILE.json');
        if (out === undefined) throw new UsageError('report html needs --out: the HTML file to write');
        return handle({ kind: 'html', file, out, target });
      },
    );
}

function declareSite(report: CliCommand, handle: Handle): void {
  report
    .command('site')
    .summary('make static pages from a folder of reports')
    .description(
      'Makes a site from a folder of JSON reports of runs and matrices: the latest outcome of each ' +
        'implementation, its history, badges and a feed. The pages need no server. Only the full reports need ' +
        'JavaScript.',
    )
    .usage('[options] FOLDER')
    .argument('[folders...]')
    .addOption(text('--out <folder>', 'the folder to write; an existing one must be an earlier site'))
    .addOption(text('--base-url <url>', 'URL of the published site, for absolute links', readUrl))
    .addHelpText('after', '\nExit code: 0 written, 2 invalid usage or files.')
    .action(
      (
        [folder, ...more]: readonly string[],
        { out, baseUrl }: { readonly out?: string; readonly baseUrl?: URL },
      ) => {
        if (folder === undefined || more.length > 0) {
          throw new UsageError('report site needs one folder with JSON reports');
        }
        if (out === undefined) throw new UsageError('report site needs --out: the folder to write');
        return handle({ kind: 'site', folder, out, baseUrl });
      },
    );
}

function readUrl(value: string, flag: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new UsageError(`${flag} must be an http or https URL without query, not ${value}`);
  }
  // Links are resolved below the path.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}
