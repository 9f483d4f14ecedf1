import type { EnvironmentChanges } from '../environment/socket-environment.ts';
import { ProcessRunner } from '../process/runner.ts';
import type { Runner } from '../runner.ts';
import { splitCommand } from './split-command.ts';

export interface CommandRunnerOptions {
  /** The command line, split into words as a POSIX shell splits and unquotes them; no shell runs. */
  readonly command: string;
  /** Further arguments, taken as they are. */
  readonly args?: readonly string[];
  /** Variables on top of this process's own; null removes one. */
  readonly environment?: EnvironmentChanges;
  /** The one variable that carries the socket's path, in place of the contract's two. */
  readonly socketVariable?: string;
  /** How long a target may take to end on SIGTERM, in milliseconds, before it is killed. Default 2000. */
  readonly graceMilliseconds?: number;
}

/**
 * A runner for a target that is a program on this machine.
 * @throws RunnerError `bad-option` where the command line cannot be split
 */
export function createCommandRunner(options: CommandRunnerOptions): Runner {
  const { command, args, ...rest } = options;
  const [file, ...words] = splitCommand(command);
  return new ProcessRunner({
    ...rest,
    label: `command ${[command, ...(args ?? [])].join(' ')}`,
    kind: 'command',
    file,
    args: [...words, ...(args ?? [])],
  });
}
