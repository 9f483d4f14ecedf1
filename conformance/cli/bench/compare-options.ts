import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { colourOption } from '../option-groups.ts';
import { text } from '../option-values.ts';
import { readPercent } from './bench-values.ts';

/** The parsed command line of `bench compare`. */
export interface BenchCompareRequest {
  readonly kind: 'compare';
  readonly oldFile: string;
  readonly newFile: string;
  readonly maxRegression: number;
  /** False with `--no-color`, otherwise undefined. */
  readonly colour: boolean | undefined;
}

interface Options {
  readonly maxRegression?: number;
  readonly color: boolean;
}

const defaultMaxRegression = 0.1;

/** Adds the subcommand `compare OLD.json NEW.json`. */
export function addBenchCompare(
  bench: CliCommand,
  handle: (request: BenchCompareRequest) => Promise<void>,
): void {
  bench
    .command('compare')
    .summary('compare two JSON reports of benchmarks')
    .description('Compares two JSON reports of benchmarks and shows the differences.')
    .usage('[options] OLD.json NEW.json')
    .argument('[files...]')
    .addOption(text('--max-regression <percent>', 'permitted slowdown (default: 10%)', readPercent))
    .addOption(colourOption())
    .addHelpText(
      'after',
      '\nTwo runs also differ in time, and possibly in machine. To compare two versions\nreliably, measure both in one run:\nbench --target old=image:my:1 --target new=image:my:2.\n' +
        '\nExit code: 0 no regression, 1 a regression that the interval supports, 2 invalid\nusage or files.',
    )
    .action((files: readonly string[], { maxRegression = defaultMaxRegression, color }: Options) => {
      const [oldFile, newFile, ...more] = files;
      if (oldFile === undefined || newFile === undefined || more.length > 0) {
        throw new UsageError(`bench compare needs two reports, OLD.json and NEW.json; found ${files.length}`);
      }
      return handle({ kind: 'compare', oldFile, newFile, maxRegression, colour: color ? undefined : false });
    });
}
