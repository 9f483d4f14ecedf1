import { ProcessRunner, type ProcessRunnerOptions } from '../process/runner.ts';
import type { Runner } from '../runner.ts';
import { splitCommand } from './split-command.ts';

export interface CommandRunnerOptions
  extends Pick<
    ProcessRunnerOptions,
    'environment' | 'inherit' | 'socketVariable' | 'transport' | 'graceMilliseconds'
  > {
  /** The command line. The kit splits and unquotes it like a POSIX shell, but does not run a shell. */
  readonly command: string;
  /** More arguments, passed unchanged. */
  readonly args?: readonly string[];
}

/**
 * Creates a runner for a program on this machine.
 * @throws RunnerError `bad-option` if the command line cannot be split
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
