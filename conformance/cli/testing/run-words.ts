import type { CommandContext } from '../command-context.ts';
import { runCli } from '../run-cli.ts';

/** The outcome of a command line. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
  readonly warnings: readonly string[];
}

/** Makes a context without a terminal and without environment variables. */
export function contextOf(more: Partial<CommandContext> = {}): CommandContext {
  return {
    tool: { name: 'mcp-runtime-conformance', version: '1.2.3' },
    output: { write: () => {}, isTTY: false, columns: undefined },
    warn: () => {},
    environment: {},
    signal: new AbortController().signal,
    expectSignal: () => {},
    openFile: async () => {},
    temporaryPage: async () => '/no/such/report.html',
    ...more,
  };
}

/**
 * Runs a command line in this process, without a terminal and without environment variables.
 * @param words the command line without the program name
 * @param more overrides of the context
 */
export async function runWords(
  words: readonly string[],
  more: Partial<CommandContext> = {},
): Promise<Outcome> {
  let output = '';
  const warnings: string[] = [];
  const write = (text: string) => {
    output += text;
  };
  const exitCode = await runCli(
    words,
    contextOf({
      output: { write, isTTY: false, columns: undefined },
      warn: (message) => warnings.push(message),
      ...more,
    }),
  );
  return { exitCode, output, warnings };
}
