import { runCli } from '../cli.ts';
import type { CommandContext } from '../command-context.ts';

/** What came of a command line. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
  readonly warnings: readonly string[];
}

/**
 * Carries a command line out in this process, without a terminal and without variables.
 * @param words without the program's own name
 * @param more other context than these
 */
export async function runWords(
  words: readonly string[],
  more: Partial<CommandContext> = {},
): Promise<Outcome> {
  let output = '';
  const warnings: string[] = [];
  const exitCode = await runCli(words, {
    tool: { name: 'mcp-runtime-conformance', version: '1.2.3' },
    output: {
      write: (text) => {
        output += text;
      },
      isTTY: false,
      columns: undefined,
    },
    warn: (message) => warnings.push(message),
    environment: {},
    signal: new AbortController().signal,
    ...more,
  });
  return { exitCode, output, warnings };
}
