import type { CommandContext } from '../command-context.ts';
import { candidatesFor } from './candidates.ts';
import type { CompletionInvocation } from './completion-options.ts';
import { scripts } from './scripts.ts';

/** Prints a completion script, or the candidates for an incomplete command line. @returns the exit code */
export async function completionCommand(
  invocation: CompletionInvocation,
  { output }: CommandContext,
): Promise<number> {
  if (invocation.kind === 'script') {
    output.write(scripts[invocation.shell]);
    return 0;
  }
  const { values, paths } = await candidatesFor(invocation.program, invocation.words);
  const lines = [
    ...values.map(({ value, about }) => (about === undefined ? value : `${value}\t${about}`)),
    ...(paths === undefined ? [] : [`:${paths.kind}\t${paths.prefix}`]),
  ];
  output.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}
