import { Command, CommanderError, Option } from 'commander';
import { nearest } from '../load/nearest.ts';
import { UsageError } from '../plan/usage-error.ts';
import { optionValue } from './option-values.ts';

/** An option with a text for its value. */
export function text(flags: string, description: string): Option {
  return new Option(flags, description).argParser(optionValue(flagOf(flags)).text);
}

/** An option that may come several times. */
export function several(flags: string, description: string): Option {
  return new Option(flags, description).argParser(optionValue(flagOf(flags)).several);
}

/** An option with a number of seconds for its value. */
export function seconds(flags: string, description: string): Option {
  return new Option(flags, description).argParser(optionValue(flagOf(flags)).seconds);
}

/** An option with a whole number from 1 for its value. */
export function whole(flags: string, description: string, to: number): Option {
  return new Option(flags, description).argParser(optionValue(flagOf(flags)).wholeNumber({ from: 1, to }));
}

/** An option with one of a few values. */
export function choice(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, `${description}: ${values.join(', ')}`);
  return option.argParser(optionValue(flagOf(flags)).oneOf(values));
}

/** The options that name a target, which there is one of, and say how it is started. */
export const targetOptions = {
  names: () => [
    text('--image <image>', 'a container image'),
    text('--command <command>', 'a program, which the kit starts; no shell runs'),
    text('--socket <path>', 'a runtime that listens there already'),
    choice('--embedded-catalog <catalog>', 'what the reference runtime serves', ['conformance', 'empty']),
  ],
  started: () => [
    several('--env <name=value>', 'a variable; without value, the one of this environment; several'),
    several('--env-file <file>', 'variables, one a line; several'),
    text('--socket-env <name>', "the variable for the socket's path, in place of the contract's"),
  ],
  image: () => [
    text('--network <name>', 'a network of Docker (default: none)'),
    several('--mount <source:target>', 'a folder, file or volume, [:ro]; several'),
    text('--user <uid:gid>', 'who it runs as (default: the calling user)'),
    choice('--pull <when>', 'when it is pulled (default: missing)', ['never', 'missing', 'always']),
    text('--socket-path <path>', "the socket's path in the container"),
    text('--relay-image <image>', 'an image with node or socat, for the relay'),
  ],
} as const;

/** A command that throws what it would write, and never exits: `parseWords` reads with it. */
export function quietCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .exitOverride()
    .helpOption('--help', 'this text');
}

/** What a command line gave: text that was asked for (help, version), or the arguments that are no options. */
export type ParsedWords =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'options'; readonly args: readonly string[] };

/**
 * Parses words; the values are in `command.opts()` then.
 * @param command as `quietCommand` makes it
 * @throws UsageError
 */
export function parseWords(command: Command, words: readonly string[]): ParsedWords {
  let output = '';
  command.configureOutput({
    writeOut: (written) => {
      output += written;
    },
    writeErr: () => {},
  });
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'text', text: output };
    throw usageError(error, command);
  }
  return { kind: 'options', args: command.args };
}

/** What `--ready-timeout` is where nobody says otherwise. */
export const defaultReadySeconds = 30;

/** commander's message on one line, with our own suggestion. */
function usageError(error: CommanderError, command: Command): UsageError {
  const message = error.message.replace(/^error: /, '').replace(/\s+/g, ' ');
  const unknown = /^unknown option '(?<flag>[^'=]+)/.exec(message)?.groups?.['flag'];
  if (unknown !== undefined) {
    if (command.options.some(({ long }) => long === unknown)) {
      return new UsageError(`${unknown} takes no value`);
    }
    const near = nearest(unknown, [...command.options.map(({ long }) => long ?? ''), '--help']);
    return new UsageError(
      `unknown option ${unknown}${near === undefined ? '; --help lists all options' : `; did you mean ${near}?`}`,
    );
  }
  const missing = /^option '(?<flag>\S+)[^']*' argument missing$/.exec(message)?.groups?.['flag'];
  if (missing !== undefined) return new UsageError(`${missing} needs a value`);
  if (error.code === 'commander.excessArguments') {
    return new UsageError(`unexpected argument: ${command.name()} --help shows what there is`);
  }
  return new UsageError(message);
}

function flagOf(flags: string): string {
  return flags.split(' ')[0] ?? flags;
}
