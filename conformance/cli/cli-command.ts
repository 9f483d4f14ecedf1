import { Command, CommanderError, type ErrorOptions, type Option } from 'commander';
import { suggest } from '../../base/nearest.ts';
import { UsageError } from '../plan/usage-error.ts';

/** A command or subcommand of the kit. It never exits the process, and reports every usage error as a UsageError. */
export class CliCommand extends Command {
  #targetArguments: readonly string[] = [];
  #takesTargetArguments = false;
  #load: (() => Promise<void>) | undefined;

  constructor(name?: string) {
    super(name);
    this.exitOverride()
      .enablePositionalOptions()
      .allowExcessArguments(false)
      .showSuggestionAfterError(false)
      .helpCommand(false)
      .helpOption('-h, --help', 'show this help')
      .configureHelp({ showGlobalOptions: false, subcommandTerm: (command) => command.name() })
      .hook('preSubcommand', async (command, subcommand) => {
        if (command.options.some((o) => command.getOptionValueSource(o.attributeName()) === 'cli')) {
          throw new UsageError(`${subcommand.name()} is a command and must be the first word`);
        }
        await (subcommand as CliCommand).load();
      });
  }

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name);
  }

  /** The arguments after `--`. */
  get targetArguments(): readonly string[] {
    return this.parent instanceof CliCommand ? this.parent.targetArguments : this.#targetArguments;
  }

  /** Defers the declaration of options until the command is called or `load` is. */
  loadedBy(load: () => Promise<void>): void {
    this.#load = load;
  }

  /** Declares the options deferred by `loadedBy`. */
  async load(): Promise<void> {
    const load = this.#load;
    this.#load = undefined;
    await load?.();
  }

  /** Adds options under a heading of the help. */
  addGroup(title: string, ...options: readonly Option[]): this {
    this.optionsGroup(title);
    for (const option of options) this.addOption(option);
    return this;
  }

  /** Allows arguments of the target after `--`. */
  takesTargetArguments(): this {
    this.#takesTargetArguments = true;
    return this;
  }

  /**
   * Parses a command line and runs its command.
   * @param words the command line without the program name
   * @throws UsageError, and any error of the command's action
   */
  async run(words: readonly string[]): Promise<void> {
    const separator = words.indexOf('--');
    const own = separator < 0 ? words : words.slice(0, separator);
    this.#targetArguments = separator < 0 ? [] : words.slice(separator + 1);
    this.hook('preAction', (_, action) => {
      if (this.#targetArguments.length > 0 && !(action as CliCommand).#takesTargetArguments) {
        throw new UsageError(`${action.name()} takes no arguments after --`);
      }
    });
    try {
      await this.parseAsync([...own], { from: 'user' });
    } catch (error) {
      // Commander reports help and version as errors with exit code 0.
      if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
    }
  }

  /** Throws commander's message as a one-line usage error, with a suggestion if there is one. */
  override error(text: string, options?: ErrorOptions): never {
    const message = text.replace(/^error: /, '').replace(/\s+/g, ' ');
    const unknown = /^unknown option '(?<flag>[^'=]+)/.exec(message)?.groups?.['flag'];
    if (unknown !== undefined) throw new UsageError(this.#unknownOption(unknown));
    const missing = /^option '(?:-\w, )?(?<flag>\S+)[^']*' argument missing$/.exec(message)?.groups?.['flag'];
    if (missing !== undefined) throw new UsageError(`${missing} needs a value`);
    if (options?.code === 'commander.excessArguments') throw new UsageError(this.#unexpected());
    throw new UsageError(message);
  }

  #unknownOption(flag: string): string {
    const flags = this.options.map(({ long }) => long ?? '');
    if (flags.includes(flag)) return `${flag} takes no value`;
    return `unknown option ${flag}; ${suggest(flag, [...flags, '--help'], '--help lists all options')}`;
  }

  #unexpected(): string {
    const [stray = ''] = this.args.slice(this.registeredArguments.length);
    const names = this.commands.map((command) => command.name());
    if (names.includes(stray)) return `${stray} is a command and must be the first word`;
    const hint = suggest(stray, names);
    const rest = this.#takesTargetArguments ? ', arguments of the target come after --' : '';
    return `unexpected argument ${stray}: ${hint && `${hint} `}options begin with --${rest}`;
  }
}
