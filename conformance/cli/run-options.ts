import type { RunRequest } from '../plan/run-plan.ts';
import type { Selection } from '../plan/select-cases.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { CliCommand } from './cli-command.ts';
import {
  addConcurrency,
  addJudgingOptions,
  addOutputOptions,
  addSelectionOptions,
  addStartFlags,
  addTargetFlags,
  addTimeOptions,
  type JudgingOptions,
  limitsOf,
  type OutputOptions,
  type OutputRequest,
  outputOf,
  type SelectionOptions,
  selectionOf,
  type TimeOptions,
  targetOfOptions,
} from './option-groups.ts';
import { text } from './option-values.ts';
import { checkApart } from './report-request.ts';

/** What a command line without a subcommand asks for. */
export type Invocation =
  | { readonly kind: 'run'; readonly request: RunRequest; readonly output: OutputRequest }
  | { readonly kind: 'list'; readonly selection: Partial<Selection> }
  | { readonly kind: 'explain'; readonly subject: string; readonly fixtures?: string };

interface Options extends SelectionOptions, JudgingOptions, TimeOptions, OutputOptions {
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
  addTargetFlags(program, 'Target (one of them):');
  addSelectionOptions(program, 'it');
  addJudgingOptions(program);
  addTimeOptions(program);
  addConcurrency(program);
  addOutputOptions(program, 'every case, with its wire events');
  addStartFlags(program);
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
    .action((options: Options) => handle(invocationOf(program, options)));
}

function invocationOf(program: CliCommand, options: Options): Invocation {
  const target = targetOfOptions(program);
  const selection = selectionOf(options);
  const { explain, fixtures, knownFailures, writeKnownFailures, failOnSkip, bail, concurrency } = options;
  if (options.list && explain !== undefined) {
    throw new UsageError('--list and --explain exclude each other');
  }
  if (options.list) return { kind: 'list', selection };
  if (explain !== undefined) return { kind: 'explain', subject: explain, fixtures };
  const output = outputOf(options);
  checkApart(writeKnownFailures, output.reports);
  const request: RunRequest = {
    target,
    selection,
    knownFailures,
    writeKnownFailures,
    failOnSkip,
    bail,
    ...limitsOf(options),
    concurrency,
    keepWire: output.verbose,
  };
  return { kind: 'run', request, output };
}
