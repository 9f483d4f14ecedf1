import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';

/** A report of a real run: the arguments of the kit, and the exit code that they must have. */
export interface RealRun {
  readonly words: readonly string[];
  readonly exitCode: number;
}

const faulty = (fault: string): string => `node dist/proof/harness/faulty-runtime.js ${fault}`;

/** The runs whose reports the browser opens. */
export const realRuns = {
  // The limits are generous, because a slow machine must not fail this proof.
  green: { words: ['--timeout', '90', '--ready-timeout', '90'], exitCode: 0 },
  // About a hundred cases fail or are blocked.
  red: { words: ['--command', faulty('id-as-a-string')], exitCode: 1 },
  gateway: {
    words: [
      'check-gateway',
      '--command',
      'node dist/cli/main.js gateway --listen {listen} --socket {socket}',
    ],
    exitCode: 0,
  },
} as const satisfies Readonly<Record<string, RealRun>>;

/** The run whose report the documents show. */
export const documentedRun: RealRun = { words: ['--command', faulty('scope-not-checked')], exitCode: 1 };

/** The HTML files of real runs, in a temporary folder. Disposing of them removes the folder. */
export interface RealReports<Name extends string> extends AsyncDisposable {
  readonly folder: string;
  readonly files: Readonly<Record<Name, string>>;
}

/**
 * Runs the kit and writes HTML reports.
 * @throws Error if a run has another exit code than expected
 */
export async function makeReports<Name extends string>(
  runs: Readonly<Record<Name, RealRun>>,
): Promise<RealReports<Name>> {
  const folder = await mkdtemp(join(tmpdir(), 'html-reports-'));
  const files: Record<string, string> = {};
  try {
    for (const [name, { words, exitCode }] of Object.entries<RealRun>(runs)) {
      files[name] = join(folder, `${name}.html`);
      const run = $({ cwd: packageRoot(), quiet: true, nothrow: true });
      const report = ['--report', `html=${files[name]}`];
      const ended = await run`${process.execPath} dist/cli/main.js ${words} ${report}`;
      if (ended.exitCode !== exitCode) {
        throw new Error(
          `the run "${name}" ended with exit code ${ended.exitCode}: ${ended.stdout}${ended.stderr}`,
        );
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
  return {
    folder,
    files: files as Readonly<Record<Name, string>>,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
