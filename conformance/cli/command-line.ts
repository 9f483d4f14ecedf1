import { Command, Option } from 'commander';
import { defaultConcurrency } from '../engine/options.ts';
import { choice, defaultReadySeconds, seconds, several, targetOptions, text } from './command-parts.ts';
import { optionValue } from './option-values.ts';
import { allVerbs } from './verbs.ts';

/** What commander leaves: values as `option-values.ts` reads them. */
export interface WrittenOptions {
  readonly image?: string;
  readonly command?: string;
  readonly socket?: string;
  readonly embeddedCatalog?: 'conformance' | 'empty';
  readonly level: 'core' | 'strict';
  readonly capability?: readonly string[];
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly fixtures?: string;
  readonly list?: true;
  readonly explain?: string;
  readonly knownFailures?: string;
  readonly writeKnownFailures?: string;
  readonly failOnSkip?: true;
  readonly bail?: true;
  readonly timeout?: number;
  readonly readyTimeout: number;
  readonly concurrency: number;
  readonly verbose?: true;
  readonly report?: readonly string[];
  /** False with `--no-color`, true where nothing was said. */
  readonly color: boolean;
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly socketEnv?: string;
  readonly transport?: 'auto' | 'bind' | 'relay';
  readonly network?: string;
  readonly mount?: readonly string[];
  readonly user?: string;
  readonly pull?: 'never' | 'missing' | 'always';
  readonly socketPath?: string;
  readonly relayImage?: string;
}

/** The options with their help. Nothing is written and nothing exits: what would be is thrown as CommanderError. */
export function makeCommand(version: string): Command {
  const command = new Command('mcp-runtime-conformance')
    .description(
      'Checks an MCP runtime behind gRPC over a Unix domain socket against the contract.\n' +
        'Without a target it checks the reference runtime that comes with it.',
    )
    .usage('[options] [-- arguments of the target]')
    .allowExcessArguments(true)
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false });

  command.optionsGroup('Target (one of them):');
  for (const option of targetOptions.names()) command.addOption(option);

  command
    .optionsGroup('What is checked:')
    .addOption(
      choice('--level <level>', 'the level to hold it to', ['core', 'strict']).default('strict', 'strict'),
    )
    .addOption(several('--capability <name>', 'a capability that it has to declare; several'))
    .addOption(several('--suite <glob>', 'only these suites; several'))
    .addOption(several('--case <glob>', 'only these cases, by id or by name; several'))
    .addOption(text('--fixtures <folder>', "cases from this folder in place of the kit's own"));

  command
    .optionsGroup('How it is judged:')
    .addOption(text('--known-failures <file>', 'failures that do not count, each with a reason'))
    .addOption(text('--write-known-failures <file>', 'write what fails now as such a file'))
    .option('--fail-on-skip', 'a case that cannot be checked counts as a failure')
    .option('--bail', 'stop after the first failure');

  command
    .optionsGroup('Time:')
    .addOption(seconds('--timeout <seconds>', 'limit of a case, thrice that for the largest (default: 20)'))
    .addOption(
      seconds('--ready-timeout <seconds>', 'limit until the target is ready').default(defaultReadySeconds),
    )
    .addOption(
      new Option('--concurrency <number>', 'cases side by side')
        .argParser(optionValue('--concurrency').wholeNumber({ from: 1, to: 256 }))
        .default(defaultConcurrency),
    );

  command
    .optionsGroup('Output:')
    .option('--verbose', 'every case, with its wire events')
    .addOption(several('--report <kind=file,...>', 'also write json, junit or markdown; several'))
    .option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are heeded too)');

  command.optionsGroup('With --image or --command:');
  for (const option of targetOptions.started()) command.addOption(option);

  command
    .optionsGroup('With --image:')
    .addOption(
      choice('--transport <kind>', 'how the socket gets out (default: auto)', ['auto', 'bind', 'relay']),
    );
  for (const option of targetOptions.image()) command.addOption(option);

  command
    .optionsGroup('Instead of a run:')
    .option('--list', 'the cases, with level and clauses')
    .addOption(text('--explain <case or clause>', 'what it says and checks'))
    .version(version, '--version', 'the version of the kit')
    .helpOption('--help', 'this text');

  return command.addHelpText(
    'after',
    verbList() +
      '\nExit code: 0 conformant, 1 not conformant, 2 wrong usage or fixtures, 3 the target could not be tested.',
  );
}

function verbList(): string {
  const names = Object.keys(allVerbs);
  const width = Math.max(0, ...names.map((name) => name.length));
  const lines = Object.entries(allVerbs).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`,
  );
  return lines.length === 0 ? '' : `\nCommands of their own (each has --help):\n${lines.join('')}`;
}
