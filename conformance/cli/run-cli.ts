import { errorMessage } from '../../base/error-message.ts';
import { visible } from '../text/text.ts';
import type { CommandContext } from './command-context.ts';
import { makeProgram } from './program.ts';

/** If this variable is set, internal errors include their stack trace. */
export const stackVariable = 'MCP_CONFORMANCE_STACK';

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
    }).carryOut(words);
    return exitCode;
  } catch (error) {
    context.warn(explainError(error, context.environment));
    return isMistake(error) ? 2 : 3;
  }
}

/** The codes of errors that the user can fix. Comparing codes avoids loading the modules of the errors. */
const mistakes: ReadonlySet<string> = new Set([
  'usage',
  'fixture-invalid',
  'contract-invalid',
  'known-failures-invalid',
  'config-invalid',
  'report-invalid',
  'proto-check-invalid',
  'unwritable-file',
]);

/** Returns whether the user can fix the error: the command line, a fixture or another file. */
function isMistake(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && mistakes.has(String(error.code));
}

/** Renders an error: one line per problem, with a stack trace only on request. */
export function explainError(error: unknown, environment: CommandContext['environment']): string {
  const message = errorMessage(error);
  if (isMistake(error)) {
    return message
      .split('\n')
      .map((line) => `error: ${visible(line)}`)
      .join('\n');
  }
  if ((environment[stackVariable] ?? '') !== '' && error instanceof Error) return error.stack ?? message;
  const [first = ''] = message.split('\n');
  return `internal error: ${visible(first)}, please report it (${stackVariable}=1 shows the stack trace)`;
}
