import { randomUUID } from 'node:crypto';
import type { CommandContext } from './command-context.ts';

/**
 * Runs work while workflow commands are disabled. GitHub executes workflow commands on any line of output, including
 * lines from the target. Only a token that the target cannot know enables them again.
 */
export async function withoutCommands<T>(
  { environment, output }: CommandContext,
  work: () => Promise<T>,
): Promise<T> {
  if (environment['GITHUB_ACTIONS'] !== 'true') return work();
  const token = randomUUID();
  output.write(`::stop-commands::${token}\n`);
  try {
    return await work();
  } finally {
    output.write(`::${token}::\n`);
  }
}
