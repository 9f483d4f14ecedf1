import { randomInt } from 'node:crypto';
import type { Target } from '../../../runners/kinds.ts';
import { defaultCaseDeadlineMs } from '../../case/case.ts';
import { defaultReadyMs } from '../../plan/defaults.ts';
import type { CliCommand } from '../cli-command.ts';
import { addStartFlags, addTargetFlags, addTimeOptions, colourOption, takeTarget } from '../option-groups.ts';
import { whole } from '../option-values.ts';

/** The parsed command line of `explore`. */
export interface ExploreRequest {
  readonly target: Target;
  readonly operations: number;
  readonly seed: number;
  readonly sequenceMs: number;
  readonly readyTimeoutMs: number;
  /** False with `--no-color`, otherwise undefined. */
  readonly colour: boolean | undefined;
}

interface Options {
  readonly operations?: number;
  readonly seed?: number;
  readonly caseTimeoutMs?: number;
  readonly readyTimeoutMs?: number;
  /** False with `--no-color`, otherwise true. */
  readonly color: boolean;
}

const defaultOperations = 1_000;
/** The largest seed of fast-check. */
const maxSeed = 2 ** 31 - 1;

/** Declares the command `explore`. */
export function declareExplore(
  command: CliCommand,
  handle: (request: ExploreRequest) => Promise<void>,
): void {
  command
    .description(
      'Performs random operations on three sessions of two callers and compares a runtime with a model: ' +
        'calls, log levels, subscriptions, live streams, and requests of the wrong caller. Reduces a ' +
        'difference to a short sequence.\nWithout a target, it explores the built-in reference runtime.',
    )
    .usage('[options] [-- arguments of the target]');
  addTargetFlags(command, 'Target (choose one):');
  command.addGroup(
    'Operations:',
    whole(
      '--operations <number>',
      `operations to perform (default: ${defaultOperations.toLocaleString('en')})`,
      10_000_000,
    ),
    whole('--seed <number>', 'repeat the run with this seed (default: a random one)', maxSeed),
  );
  addTimeOptions(command, 'time limit of a sequence of at most 40 operations (default: 20)');
  command.addGroup('Output:', colourOption());
  addStartFlags(command);
  command
    .addHelpText(
      'after',
      '\nExit code: 0 no difference, 1 a difference, 2 invalid usage, 3 the target could\nnot be explored.',
    )
    .action(() => handle(requestOf(command)));
}

function requestOf(command: CliCommand): ExploreRequest {
  const [target, options] = takeTarget<Options>(command);
  const { operations = defaultOperations, seed = randomInt(1, maxSeed), color } = options;
  const colour = color ? undefined : false;
  const { caseTimeoutMs: sequenceMs = defaultCaseDeadlineMs, readyTimeoutMs = defaultReadyMs } = options;
  return { target, operations, seed, sequenceMs, readyTimeoutMs, colour };
}
