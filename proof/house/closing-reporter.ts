import { spawnSync } from 'node:child_process';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** A command that checks what `npm test` does not. */
interface OtherCommand {
  readonly command: string;
  readonly about: string;
  /** The program that it needs besides Node, and where to get it. */
  readonly tool?: { readonly name: string; readonly get: string };
}

const otherCommands: readonly OtherCommand[] = [
  { command: 'npm run check', about: 'format, lint, types, contract, generated code, documents' },
  {
    command: 'npm run check:go',
    about: 'the runtime in Go',
    tool: { name: 'go', get: 'Go 1.26 or later, https://go.dev/dl' },
  },
  {
    command: 'npm run check:rust',
    about: 'the runtime in Rust',
    tool: { name: 'cargo', get: 'Rust 1.90 or later, https://rustup.rs' },
  },
  {
    command: 'npm run prove',
    about: 'the kit itself: faults, variations, hostile targets, other suites',
    tool: { name: 'docker', get: 'Docker, https://docs.docker.com/engine/install' },
  },
];

/** Prints at the end of a whole run why tests were skipped, and what is left to other commands. */
export default class ClosingReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunEnd(testModules: readonly TestModule[]): Promise<void> {
    // With -t the tests that it does not name are skipped, too.
    if (this.#vitest === undefined || this.#vitest.config.testNamePattern !== undefined) return;
    const isWhole = testModules.length === (await this.#vitest.globTestSpecifications()).length;
    const names = testModules.flatMap(skippedSuites);
    const lines = closingLines(names, { isWhole, hasTool });
    // After the summary of the default reporter.
    if (lines.length > 0) process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
  }
}

/** The titles of suites with skipped tests, one for each such test. */
function skippedSuites(module: TestModule): readonly string[] {
  return [...module.children.allTests('skipped')].map(({ parent }) =>
    parent.type === 'suite' ? parent.fullName : '',
  );
}

/** @param suites the title of the suite of each skipped test; it may end in `(skipped: REASON)` */
export function closingLines(
  suites: readonly string[],
  { isWhole, hasTool }: { readonly isWhole: boolean; readonly hasTool: (name: string) => boolean },
): readonly string[] {
  const counts = new Map<string, number>();
  for (const suite of suites) {
    const reason = /\(skipped: (.*?)\)(?: >|$)/.exec(suite)?.[1] ?? 'for no reason that they name';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const skipped = [...counts].map(([reason, count]) => `${count} skipped: ${reason}`);
  if (!isWhole) return skipped;
  const width = Math.max(...otherCommands.map(({ command }) => command.length));
  const others = otherCommands.map(({ command, about, tool }) => {
    const missing = tool === undefined || hasTool(tool.name) ? '' : ` (${tool.name} is missing: ${tool.get})`;
    return `  ${command.padEnd(width)}  ${about}${missing}`;
  });
  return [...skipped, ...(skipped.length > 0 ? [''] : []), 'left to other commands:', ...others];
}

function hasTool(name: string): boolean {
  return spawnSync(name, ['--help'], { stdio: 'ignore', timeout: 10_000 }).error === undefined;
}
