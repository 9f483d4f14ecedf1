import { ProcessRunner, type ProcessRunnerOptions } from '../process/runner.ts';
import type { Runner } from '../runner.ts';
import { splitCommand } from './split-command.ts';

export interface CommandRunnerOptions
  extends Pick<ProcessRunnerOptions, 'environment' | 'socketVariable' | 'graceMilliseconds'> {
  /** The command line, split into words as a POSIX shell splits and unquotes them; no shell runs. */
  readonly command: string;
  /** Further arguments, taken as they are. */
  readonly args?: readonly string[];
}

/**
 * A runner for a target that is a program on this machine.
 * @throws RunnerError `bad-option` where the command line cannot be split
 */
export function createCommandRunner(options: CommandRunnerOptions): Runner {
  const { command, args = [], ...rest } = options;
  const [file, ...words] = splitCommand(command);
  return new ProcessRunner({
    ...rest,
    label: `command ${[command, ...args].join(' ')}`,
    kind: 'command',
    file,
    args: [...words, ...args],
  });
}
