import type { CommandContext } from './command-context.ts';
import { explainError, isUserError } from './explain-error.ts';
import { makeProgram } from './program.ts';

/**
 * Runs a command line. Never throws: every error is printed as a warning.
 * @param words the command line without the program name
 * @returns the exit code
 */
export async function runCli(words: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = 0;
  try {
    await makeProgram(context, (code) => {
      exitCode = code;
    }).run(words);
    return exitCode;
  } catch (error) {
    context.warn(explainError(error, context.environment));
    return isUserError(error) ? 2 : 3;
  }
}
