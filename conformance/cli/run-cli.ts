import { errorMessage } from '../../base/error-message.ts';
import { visible } from '../text/text.ts';
import type { CommandContext } from './command-context.ts';
import { type Invocation, parseCommandLine } from './options.ts';
import { verbOf } from './verbs.ts';

/** Set to anything, it makes internal errors show where they come from. */
export const stackVariable = 'MCP_CONFORMANCE_STACK';

/**
 * Carries out a command line. Never throws: what goes wrong is complained about, in a line each.
 * @param words without the program's own name
 * @returns the exit code
 */
export async function runCli(words: readonly string[], context: CommandContext): Promise<number> {
  try {
    const verb = verbOf(words);
    if (verb !== undefined) return await (await verb.load())(words.slice(1), context);
    return await carryOut(parseCommandLine(words, context.tool.version), context);
  } catch (error) {
    context.warn(explainError(error, context.environment));
    return isMistake(error) ? 2 : 3;
  }
}

/** Heavy modules are loaded by the command that needs them: help has to be there at once. */
async function carryOut(invocation: Invocation, context: CommandContext): Promise<number> {
  switch (invocation.kind) {
    case 'text':
      context.output.write(invocation.text);
      return 0;
    case 'list': {
      const { listCases } = await import('./list.ts');
      context.output.write(await listCases(invocation.selection));
      return 0;
    }
    case 'explain': {
      const { explain } = await import('./explain.ts');
      context.output.write(await explain(invocation.subject, invocation.fixtures));
      return 0;
    }
    case 'run': {
      const { runCommand } = await import('./run-command.ts');
      return runCommand(invocation.request, context);
    }
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
