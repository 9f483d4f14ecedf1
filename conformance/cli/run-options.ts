import type { RunRequest } from '../plan/run-plan.ts';
import type { Selection } from '../plan/select-cases.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { CliCommand } from './cli-command.ts';
import * as groups from './option-groups.ts';
import { text } from './option-values.ts';

/** What a command line without a subcommand asks for. */
export type Invocation =
  | { readonly kind: 'run'; readonly request: RunRequest; readonly output: groups.OutputRequest }
  | { readonly kind: 'list'; readonly selection: Partial<Selection> }
  | { readonly kind: 'explain'; readonly subject: string; readonly fixtures?: string };

interface Options extends Omit<RunRequest, 'target'>, groups.OutputOptions {
  readonly list?: true;
  readonly explain?: string;
}

/** Adds the options of a run against one target to the program itself. */
export function declareRun(
  program: CliCommand,
  version: string,
  handle: (invocation: Invocation) => Promise<void>,
): void {
  program
    .description(
      'Checks an MCP runtime behind gRPC over a Unix domain socket against the contract.\n' +
        'Without a target it checks the reference runtime that comes with it.',
    )
    .usage('[options] [-- arguments of the target]');
  groups.addTargetFlags(program, 'Target (one of them):');
  groups.addSelectionOptions(program, 'it');
  groups.addJudgingOptions(program);
  groups.addTimeOptions(program);
  program.addOption(groups.concurrency());
  groups.addOutputOptions(program, 'every case, with its wire events');
  groups.addStartFlags(program);
  program
    .optionsGroup('Instead of a run:')
    .option('--list', 'the cases, with level and clauses')
    .addOption(text('--explain <case or clause>', 'what it says and checks'))
    .version(version, '--version', 'the version of the kit')
    .helpOption('-h, --help', 'this text')
    .commandsGroup('Commands of their own (each has --help):')
    .addHelpText(
      'after',
      '\nExit code: 0 conformant, 1 not conformant, 2 wrong usage or fixtures, 3 the target could not be tested.',
    )
    .action(() => handle(invocationOf(program)));
}

function invocationOf(program: CliCommand): Invocation {
  const [target, { list, explain, ...options }] = groups.takeTarget<Options>(program);
  const [output, rest] = groups.takeOutput(options);
  if (list && explain !== undefined) throw new UsageError('--list and --explain exclude each other');
  if (list) return { kind: 'list', selection: rest };
  if (explain !== undefined) return { kind: 'explain', subject: explain, fixtures: rest.fixtures };
  return { kind: 'run', request: { ...rest, target, keepWire: output.verbose }, output };
}
