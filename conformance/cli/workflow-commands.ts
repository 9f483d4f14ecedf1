import { randomUUID } from 'node:crypto';
import type { CommandContext } from './command-context.ts';

/**
 * GitHub takes workflow commands wherever a line begins with one. What a target wrote is shown meanwhile, so commands are
 * switched off by a token that it cannot know.
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
