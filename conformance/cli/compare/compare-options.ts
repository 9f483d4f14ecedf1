import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { colourOption } from '../option-groups.ts';
import { text } from '../option-values.ts';

/** What `compare` is asked for. */
export interface CompareRequest {
  readonly oldFile: string;
  readonly newFile: string;
  /** The only implementation of a matrix to compare. */
  readonly target?: string;
  /** False with `--no-color`; undefined where nothing was said. */
  readonly colour: boolean | undefined;
}

/** Makes a command `compare OLD.json NEW.json`. */
export function declareCompare(
  command: CliCommand,
  handle: (request: CompareRequest) => Promise<void>,
): void {
  command
    .description('Says what changed between two JSON reports, of a run each or of a matrix each.')
    .usage('[options] OLD.json NEW.json')
    .argument('[files...]')
    .addOption(text('--target <name>', 'only this implementation of a matrix'))
    .addOption(colourOption())
    .addHelpText(
      'after',
      '\nExit code: 0 nothing fails that did not before, 1 something does, 2 wrong usage or files.',
    )
    .action((files: readonly string[], options: { readonly target?: string; readonly color: boolean }) => {
      const [oldFile, newFile, ...more] = files;
      if (oldFile === undefined || newFile === undefined || more.length > 0) {
        throw new UsageError(`compare needs two reports, OLD.json and NEW.json; found ${files.length}`);
      }
      const { target, color } = options;
      return handle({ oldFile, newFile, target, colour: color ? undefined : false });
    });
}
