import { targetKinds } from '../../../runners/kinds.ts';
import { configFile, defaultTogether } from '../../plan/defaults.ts';
import type { MatrixRequest } from '../../plan/matrix-plan.ts';
import type { CliCommand } from '../cli-command.ts';
import {
  addConcurrency,
  addFailOnSkip,
  addOutputOptions,
  addSelectionOptions,
  addTimeOptions,
  type OutputOptions,
  type OutputRequest,
  outputOf,
  type SelectionOptions,
  selectionOf,
  type TimeOptions,
} from '../option-groups.ts';
import { several, text, whole } from '../option-values.ts';

/** What `addMatrixOptions` leaves. */
export interface MatrixOptions extends SelectionOptions, TimeOptions, OutputOptions {
  readonly target?: readonly string[];
  readonly config?: string;
  readonly knownFailures?: readonly string[];
  readonly failOnSkip?: true;
  readonly together?: number;
}

/** What `matrix` is asked for. */
export interface MatrixInvocation {
  readonly request: MatrixRequest;
  readonly output: OutputRequest;
}

/** Adds the options about several targets, which `matrix` and `proto check` have in common. */
export function addMatrixOptions(command: CliCommand): void {
  const values = targetKinds.map(({ name, defaultValue }) => (defaultValue ? name : `${name}:…`)).join(', ');
  command
    .optionsGroup('Targets:')
    .addOption(several('--target <name=kind:value>', `${values}; or a configured name; several`))
    .addOption(text('--config <file>', `targets and settings (default: ${configFile}, where it is)`));
  addSelectionOptions(command, 'them');
  command
    .optionsGroup('How it is judged:')
    .addOption(several('--known-failures <name=file>', 'failures of a target that do not count; several'));
  addFailOnSkip(command);
  addTimeOptions(command);
  addConcurrency(command);
  const together = `targets side by side (default: half the cores, here ${defaultTogether})`;
  command.addOption(whole('--together <number>', together, 64));
  addOutputOptions(command, 'every clause and every case by implementation');
}

/** @throws UsageError for a report that cannot be meant */
export function matrixInvocation(options: MatrixOptions): MatrixInvocation {
  const { target: targets, config, knownFailures, failOnSkip, together } = options;
  const { timeout, readyTimeout, concurrency } = options;
  return {
    request: {
      ...selectionOf(options),
      targets,
      config,
      knownFailures,
      failOnSkip,
      timeout,
      readyTimeout,
      concurrency,
      together,
    },
    output: outputOf(options),
  };
}

/** Adds the command `matrix`. */
export function declareMatrix(
  program: CliCommand,
  handle: (invocation: MatrixInvocation) => Promise<void>,
): void {
  const command = program
    .command('matrix')
    .summary('runs the suite on several implementations, side by side')
    .description('Runs the suite on several implementations, side by side.');
  addMatrixOptions(command);
  command
    .addHelpText(
      'after',
      '\nExit code: 0 all are conformant, 1 one is not, 2 wrong usage or files, 3 one could not be tested.',
    )
    .action((options: MatrixOptions) => handle(matrixInvocation(options)));
}
