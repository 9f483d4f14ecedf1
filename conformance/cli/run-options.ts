import { evidenceFor } from '../formats/index.ts';
import { configFile } from '../plan/defaults.ts';
import type { RunRequest } from '../plan/run-plan.ts';
import type { Selection } from '../plan/select-cases.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { CliCommand } from './cli-command.ts';
import {
  addLoopOptions,
  checkShard,
  type LoopOptions,
  type LoopRequest,
  takeLoop,
} from './loop/loop-options.ts';
import * as groups from './option-groups.ts';
import { text } from './option-values.ts';

/** The parsed command line without a subcommand. */
export type Invocation =
  | {
      readonly kind: 'run';
      readonly request: RunRequest;
      readonly output: groups.OutputRequest;
      readonly loop: LoopRequest;
    }
  | {
      readonly kind: 'list';
      readonly selection: Partial<Selection> & Pick<RunRequest, 'contract' | 'era'>;
    }
  | { readonly kind: 'explain'; readonly subject: string; readonly fixtures?: string };

interface Options extends Omit<RunRequest, 'target' | 'only' | 'first'>, LoopOptions, groups.OutputOptions {
  readonly list?: true;
  readonly explain?: string;
}

/** Declares the options of a run against one target on the program itself. */
export function declareRun(
  program: CliCommand,
  version: string,
  handle: (invocation: Invocation) => Promise<void>,
): void {
  program
    .description(
      'Checks an MCP runtime that serves gRPC on a Unix domain socket against the contract.\n' +
        'Without a target, it checks the built-in reference runtime.',
    )
    .usage('[options] [-- arguments of the target]');
  groups.addTargetFlags(program, 'Target (choose one):');
  program.addOption(
    text('--config <file>', `tools and other items of the target (default: ${configFile}, if it exists)`),
  );
  groups.addSelectionOptions(program);
  program.addOption(groups.shardOption('the selected cases'));
  groups.addJudgingOptions(program);
  groups.addTimeOptions(program);
  program.addOption(groups.concurrency());
  addLoopOptions(program);
  groups.addOutputOptions(program, 'print every case with its wire events');
  groups.addStartFlags(program);
  program
    .optionsGroup('Information:')
    .option('--list', 'list the cases with level and clauses')
    .addOption(text('--explain <id>', 'show a case, clause or suite in full'))
    .version(version, '--version', 'show the version of the kit')
    .helpOption('-h, --help', 'show this help')
    .commandsGroup('Commands (each has --help):')
    .addHelpText(
      'after',
      '\nExit code: 0 conformant, 1 not conformant, 2 invalid usage or fixtures,\n3 the target could not be tested.',
    )
    .action(() => handle(invocationOf(program)));
}

function invocationOf(program: CliCommand): Invocation {
  const [target, { list, explain, ...options }] = groups.takeTarget<Options>(program);
  const [output, more] = groups.takeOutput(options);
  const [loop, rest] = takeLoop(more);
  checkShard(rest.shard, loop);
  if (list && explain !== undefined) throw new UsageError('--list and --explain exclude each other');
  if (list && loop.failed) throw new UsageError('--list and --failed exclude each other');
  if (list) return { kind: 'list', selection: rest };
  if (explain !== undefined) return { kind: 'explain', subject: explain, fixtures: rest.fixtures };
  const request = { ...rest, target, keepWire: output.verbose, ...evidenceFor(output) };
  return { kind: 'run', request, output, loop };
}
