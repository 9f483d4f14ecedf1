import { randomUUID } from 'node:crypto';
import type { CommandContext } from './command-context.ts';

/**
 * Runs work while workflow commands are disabled. GitHub executes them on any line of output, including output of the
 * target, so they are disabled with a token that the target cannot know.
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
