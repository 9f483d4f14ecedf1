import { errorMessage } from '../../base/error-message.ts';
import { visible } from '../text/text.ts';
import type { CommandContext } from './command-context.ts';

/** If this variable is set, internal errors include their stack trace. */
const stackVariable = 'MCP_CONFORMANCE_STACK';

/** The codes of errors that the user can fix. Comparing codes avoids loading the modules of the errors. */
const userErrorCodes: ReadonlySet<string> = new Set([
  'usage',
  'fixture-invalid',
  'contract-invalid',
  'known-failures-invalid',
  'config-invalid',
  'report-invalid',
  'proto-check-invalid',
  'unwritable-file',
  'site-invalid',
]);

/** Returns whether the user can fix the error: the command line, a fixture or another file. */
export function isUserError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && userErrorCodes.has(String(error.code));
}

/** Renders an error: one line per problem, with a stack trace only on request. */
export function explainError(error: unknown, environment: CommandContext['environment']): string {
  const message = errorMessage(error);
  if (isUserError(error)) {
    return message
      .split('\n')
      .map((line) => `error: ${visible(line)}`)
      .join('\n');
  }
  if ((environment[stackVariable] ?? '') !== '' && error instanceof Error) return error.stack ?? message;
  const [first = ''] = message.split('\n');
  return `internal error: ${visible(first)}, please report it (${stackVariable}=1 shows the stack trace)`;
}
