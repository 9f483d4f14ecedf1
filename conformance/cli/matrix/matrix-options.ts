import { targetKinds } from '../../../runners/kinds.ts';
import { configFile, defaultTogether } from '../../plan/defaults.ts';
import type { MatrixRequest } from '../../plan/matrix-plan.ts';
import type { CliCommand } from '../cli-command.ts';
import * as groups from '../option-groups.ts';
import { several, text, whole } from '../option-values.ts';

/** What `addMatrixOptions` leaves. */
export interface MatrixOptions extends MatrixRequest, groups.OutputOptions {
  readonly writeKnownFailures?: undefined;
}

/** What `matrix` is asked for. */
export interface MatrixInvocation {
  readonly request: MatrixRequest;
  readonly output: groups.OutputRequest;
}

/** Adds the options about several targets, which `matrix` and `proto check` have in common. */
export function addMatrixOptions(command: CliCommand): void {
  const values = targetKinds.map(({ name, defaultValue }) => (defaultValue ? name : `${name}:…`)).join(', ');
  command.addGroup(
    'Targets:',
    several('--target <name=kind:value>', `${values}; or a configured name; several`, 'targets'),
    text('--config <file>', `targets and settings (default: ${configFile}, where it is)`),
  );
  groups.addSelectionOptions(command, 'them');
  const known = several('--known-failures <name=file>', 'failures of a target that do not count; several');
  command.addGroup('How it is judged:', known, groups.failOnSkip());
  groups.addTimeOptions(command);
  const together = `targets side by side (default: half the cores, here ${defaultTogether})`;
  command.addOption(groups.concurrency()).addOption(whole('--together <number>', together, 64));
  groups.addOutputOptions(command, 'every clause and every case by implementation');
}

/** Makes a command `matrix`. */
export function declareMatrix(
  command: CliCommand,
  handle: (invocation: MatrixInvocation) => Promise<void>,
): void {
  command.description('Runs the suite on several implementations, side by side.');
  addMatrixOptions(command);
  command
    .addHelpText(
      'after',
      '\nExit code: 0 all are conformant, 1 one is not, 2 wrong usage or files, 3 one could not be tested.',
    )
    .action((options: MatrixOptions) => {
      const [output, request] = groups.takeOutput(options);
      return handle({ request, output });
    });
}
