import { visible } from '../text/text.ts';
import { type Invocation, parseCommandLine } from './options.ts';
import type { Surroundings } from './surroundings.ts';
import { verbOf } from './verbs.ts';

/** Set to anything, it makes internal errors show where they come from. */
export const STACK_VARIABLE = 'MCP_CONFORMANCE_STACK';

/**
 * Carries out a command line. Never throws: what goes wrong is complained about, in a line each.
 * @param words without the program's own name
 * @returns the exit code
 */
export async function runCli(words: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    const verb = verbOf(words);
    if (verb !== undefined) return await (await verb.load())(words.slice(1), surroundings);
    return await carryOut(parseCommandLine(words, surroundings.tool.version), surroundings);
  } catch (error) {
    surroundings.complain(explainError(error, surroundings.environment));
    return isMistake(error) ? 2 : 3;
  }
}

/** Heavy modules are loaded by the command that needs them: help has to be there at once. */
async function carryOut(invocation: Invocation, surroundings: Surroundings): Promise<number> {
  switch (invocation.kind) {
    case 'text':
      surroundings.output.write(invocation.text);
      return 0;
    case 'list': {
      const { listCases } = await import('./list.ts');
      surroundings.output.write(await listCases(invocation.selection));
      return 0;
    }
    case 'explain': {
      const { explain } = await import('./explain.ts');
      surroundings.output.write(await explain(invocation.subject, invocation.fixtures));
      return 0;
    }
    case 'run': {
      const { runCommand } = await import('./run-command.ts');
      return runCommand(invocation.request, surroundings);
    }
  }
}

/** By their codes, so that their modules need not be loaded to tell. */
const MISTAKES: ReadonlySet<string> = new Set([
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
  return error instanceof Error && 'code' in error && MISTAKES.has(String(error.code));
}

/** One line for each thing that is wrong; a stack trace only where it was asked for. */
export function explainError(error: unknown, environment: Surroundings['environment']): string {
  const message = error instanceof Error ? error.message : String(error);
  if (isMistake(error)) {
    return message
      .split('\n')
      .map((line) => `error: ${visible(line)}`)
      .join('\n');
  }
  if ((environment[STACK_VARIABLE] ?? '') !== '' && error instanceof Error) return error.stack ?? message;
  const [first = ''] = message.split('\n');
  return `internal error: ${visible(first)}, please report it (${STACK_VARIABLE}=1 shows where it comes from)`;
}
