import { UsageError } from '../../plan/usage-error.ts';
import type { CliCommand } from '../cli-command.ts';
import { flag, several, whole } from '../option-values.ts';

/** The values of the options that `addLoopOptions` adds, except for `repeat`, which is a setting of the run. */
export interface LoopOptions {
  readonly failed?: boolean;
  readonly watch?: boolean;
  readonly watchPaths?: readonly string[];
}

/** How a command runs its cases while an author works on the target. */
export interface LoopRequest {
  /** Run only the cases that failed last. */
  readonly failed: boolean;
  /** Run again after each change. */
  readonly watch: boolean;
  /** Files and folders to watch instead of the source files in the working folder. */
  readonly watchPaths: readonly string[];
}

/** Adds the options `failed`, `repeat`, `watch` and `watchPaths`. */
export function addLoopOptions(command: CliCommand): void {
  command.addGroup(
    'While you develop:',
    flag('--failed', 'only the cases that failed last'),
    whole('--repeat <number>', 'run each case this number of times, to find unstable cases', 1_000),
    flag('--watch', 'run again after each change, the failed cases first'),
    several(
      '--watch-path <path>',
      'file or folder to watch instead of source files; repeatable',
      'watchPaths',
    ),
  );
}

/**
 * Splits options into those of the loop and the others.
 * @throws UsageError
 */
export function takeLoop<O extends LoopOptions>({
  failed = false,
  watch = false,
  watchPaths = [],
  ...rest
}: O): readonly [loop: LoopRequest, rest: Omit<O, keyof LoopOptions>] {
  if (watchPaths.length > 0 && !watch) throw new UsageError('--watch-path requires --watch');
  return [{ failed, watch, watchPaths }, rest];
}

/** @throws UsageError if a shard is to run in a loop, because it may lack the cases that failed last */
export function checkShard(shard: object | undefined, { failed, watch }: LoopRequest): void {
  if (shard !== undefined && failed) throw new UsageError('--shard and --failed exclude each other');
  if (shard !== undefined && watch) throw new UsageError('--shard and --watch exclude each other');
}
