import { spawnSync } from 'node:child_process';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** A command whose checks are not a part of `npm test`. */
interface OtherCommand {
  readonly command: string;
  readonly about: string;
  /** The program that the command needs in addition to Node, and its download page. */
  readonly tool?: { readonly name: string; readonly get: string };
}

const otherCommands: readonly OtherCommand[] = [
  { command: 'npm run check', about: 'formatting, lint, types, contract, generated code, documents' },
  {
    command: 'npm run check:go',
    about: 'the Go runtime',
    tool: { name: 'go', get: 'Go 1.26 or later, https://go.dev/dl' },
  },
  {
    command: 'npm run check:rust',
    about: 'the Rust runtime',
    tool: { name: 'cargo', get: 'Rust 1.90 or later, https://rustup.rs' },
  },
  {
    command: 'npm run prove',
    about: 'the kit itself: faults, variations, hostile targets, other suites',
    tool: { name: 'docker', get: 'Docker, https://docs.docker.com/engine/install' },
  },
];

/** Prints why tests were skipped. After a complete run, also lists the commands that run further checks. */
export default class ClosingReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunEnd(testModules: readonly TestModule[]): Promise<void> {
    // With -t, vitest also reports unselected tests as skipped.
    if (this.#vitest === undefined || this.#vitest.config.testNamePattern !== undefined) return;
    const isWhole = testModules.length === (await this.#vitest.globTestSpecifications()).length;
    const names = testModules.flatMap(skippedSuites);
    const lines = closingLines(names, { isWhole, hasTool });
    // This prints after the summary of the default reporter.
    if (lines.length > 0) process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
  }
}

/** Returns the suite title of each skipped test. */
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
    const reason = /\(skipped: (.*?)\)(?: >|$)/.exec(suite)?.[1] ?? 'no reason given';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const skipped = [...counts].map(([reason, count]) => `${count} skipped: ${reason}`);
  if (!isWhole) return skipped;
  const width = Math.max(...otherCommands.map(({ command }) => command.length));
  const others = otherCommands.map(({ command, about, tool }) => {
    const missing = tool === undefined || hasTool(tool.name) ? '' : ` (${tool.name} is missing: ${tool.get})`;
    return `  ${command.padEnd(width)}  ${about}${missing}`;
  });
  return [...skipped, ...(skipped.length > 0 ? [''] : []), 'further checks:', ...others];
}

function hasTool(name: string): boolean {
  return spawnSync(name, ['--help'], { stdio: 'ignore', timeout: 10_000 }).error === undefined;
}
