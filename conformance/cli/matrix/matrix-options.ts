import { targetKinds } from '../../../runners/kinds.ts';
import { configFile, defaultTogether } from '../../plan/defaults.ts';
import type { MatrixRequest } from '../../plan/matrix-plan.ts';
import type { CliCommand } from '../cli-command.ts';
import {
  addLoopOptions,
  checkShard,
  type LoopOptions,
  type LoopRequest,
  takeLoop,
} from '../loop/loop-options.ts';
import * as groups from '../option-groups.ts';
import { several, text, whole } from '../option-values.ts';

/** The values of the options that `addMatrixOptions` adds. */
export interface MatrixOptions extends MatrixRequest, groups.OutputOptions {
  readonly writeKnownFailures?: undefined;
}

/** The parsed command line of `matrix`. */
export interface MatrixInvocation {
  readonly request: MatrixRequest;
  readonly output: groups.OutputRequest;
}

/** Adds the options for several targets that `matrix` and `proto check` share. */
export function addMatrixOptions(command: CliCommand): void {
  const values = targetKinds.map(({ name, defaultValue }) => (defaultValue ? name : `${name}:…`)).join(', ');
  command.addGroup(
    'Targets:',
    several('--target <name=kind:value>', `${values}; or a configured name; repeatable`, 'targets'),
    text('--config <file>', `targets and settings (default: ${configFile}, if it exists)`),
  );
  groups.addSelectionOptions(command);
  const known = several('--known-failures <name=file>', 'known failures of a target; repeatable');
  command.addGroup('Verdict:', known, groups.failOnSkip());
  groups.addTimeOptions(command);
  const together = `concurrent targets (default: half the cores, here ${defaultTogether})`;
  command.addOption(groups.concurrency()).addOption(whole('--together <number>', together, 64));
  groups.addOutputOptions(command, 'print every clause and case by implementation');
}

/** The parsed command line of `matrix`, with its loop. */
export interface MatrixLoopInvocation extends MatrixInvocation {
  readonly loop: LoopRequest;
}

/** Declares the command `matrix`. */
export function declareMatrix(
  command: CliCommand,
  handle: (invocation: MatrixLoopInvocation) => Promise<void>,
): void {
  command.description('Runs the suite on several implementations and compares them.');
  addMatrixOptions(command);
  command.optionsGroup('Selection:').addOption(groups.shardOption('the targets and cases'));
  addLoopOptions(command);
  command
    .addHelpText(
      'after',
      '\nExit code: 0 all conformant, 1 not all conformant, 2 invalid usage or files,\n3 a target could not be tested.',
    )
    .action((options: MatrixOptions & LoopOptions) => {
      const [output, more] = groups.takeOutput(options);
      const [loop, request] = takeLoop(more);
      checkShard(request.shard, loop);
      return handle({ request, output, loop });
    });
}
