import { runCli } from '../cli.ts';
import type { Surroundings } from '../surroundings.ts';

/** What came of a command line. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
  readonly complaints: readonly string[];
}

/**
 * Carries a command line out in this process, without a terminal and without variables.
 * @param words without the program's own name
 * @param more other surroundings than these
 */
export async function runWords(words: readonly string[], more: Partial<Surroundings> = {}): Promise<Outcome> {
  let output = '';
  const complaints: string[] = [];
  const exitCode = await runCli(words, {
    tool: { name: 'mcp-runtime-conformance', version: '1.2.3' },
    output: {
      write: (text) => {
        output += text;
      },
      isTTY: false,
      columns: undefined,
    },
    complain: (message) => complaints.push(message),
    environment: {},
    signal: new AbortController().signal,
    ...more,
  });
  return { exitCode, output, complaints };
}
