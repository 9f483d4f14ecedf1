import { errorMessage } from '../../base/error-message.ts';
import { visible } from '../text/text.ts';
import type { CommandContext } from './command-context.ts';
import { makeProgram } from './program.ts';

/** Set to anything, it makes internal errors show where they come from. */
export const stackVariable = 'MCP_CONFORMANCE_STACK';

/**
 * Carries out a command line. Never throws: every mistake is a warning of one line.
 * @param words without the program's own name
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

/** By their codes, so that their modules need not be loaded to tell. */
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

/** Whether the user can mend it: the command line, a fixture, a file. */
function isMistake(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && mistakes.has(String(error.code));
}

/** One line for each thing that is wrong; a stack trace only where it was asked for. */
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
  return `internal error: ${visible(first)}, please report it (${stackVariable}=1 shows where it comes from)`;
}
