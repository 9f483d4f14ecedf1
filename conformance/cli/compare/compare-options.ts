import { compareFormatNames } from '../../formats/index.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { listed } from '../../text/text.ts';
import type { CliCommand } from '../cli-command.ts';
import { addReportOptions, type OutputOptions, type OutputRequest, takeOutput } from '../option-groups.ts';
import { text } from '../option-values.ts';

/** The parsed command line of `compare`. */
export interface CompareRequest {
  readonly oldFile: string;
  readonly newFile: string;
  /** The name of the implementation to compare. Default: all implementations of a matrix. */
  readonly target?: string;
  readonly output: OutputRequest;
}

/** Declares the command `compare OLD.json NEW.json`. */
export function declareCompare(
  command: CliCommand,
  handle: (request: CompareRequest) => Promise<void>,
): void {
  command
    .description('Compares two JSON reports, either of two runs or of two matrices.')
    .usage('[options] OLD.json NEW.json')
    .argument('[files...]')
    .addOption(text('--target <name>', 'compare only this implementation of a matrix'))
    .addHelpText('after', '\nExit code: 0 no new failures, 1 new failures, 2 invalid usage or files.')
    .action((files: readonly string[], options: OutputOptions & { readonly target?: string }) => {
      const [oldFile, newFile, ...more] = files;
      if (oldFile === undefined || newFile === undefined || more.length > 0) {
        throw new UsageError(`compare needs two reports, OLD.json and NEW.json; found ${files.length}`);
      }
      const [output, { target }] = takeOutput(options);
      const other = output.reports.find(({ format }) => !compareFormatNames.includes(format));
      if (other !== undefined) {
        throw new UsageError(
          `--report ${other.format}=${other.path}: a comparison has no such report; use ${listed(compareFormatNames)}`,
        );
      }
      return handle({ oldFile, newFile, target, output });
    });
  addReportOptions(command, compareFormatNames);
}
