import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../base/package.ts';

/** The tests to run, and the receiver of their problems. */
export interface TestSelection {
  /** Paths in this package, or parts of them. */
  readonly files: readonly string[];
  /** The environment variable that includes the tests, see `vitest.config.ts`. */
  readonly variables: Readonly<Record<string, string>>;
  /** Receives each failed test with its first error, in one line. */
  readonly tell: (problem: string) => void;
}

/** Runs tests that `npm test` leaves out because they take a long time. Resolves to the exit code. */
export async function runTests({ files, variables, tell }: TestSelection): Promise<number> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const folder = await mkdtemp(join(tmpdir(), 'tests-'));
  try {
    const results = join(folder, 'results.json');
    const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
    const run = $({
      cwd: packageRoot(),
      env: { ...process.env, ...variables },
      stdio: 'inherit',
      nothrow: true,
    });
    const { exitCode } =
      await run`${process.execPath} ${vitest} run --testTimeout 120000 ${reports} ${files}`;
    if (exitCode !== 0) for (const problem of failedTests(await read(results))) tell(problem);
    return exitCode ?? 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Returns a line for each failed test in a JSON report of vitest, and for each file that did not load.
 * @param report the text of the report
 */
export function failedTests(report: string): readonly string[] {
  if (report === '') return ['vitest wrote no report'];
  const { testResults }: TestReport = JSON.parse(report);
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`${name}: ${firstLine(message)}`] : [];
    return failed.map(
      ({ fullName, failureMessages }) => `${fullName}: ${failureMessages.map(firstLine).join('; ')}`,
    );
  });
}

/** The parts of vitest's JSON report that `failedTests` reads. */
interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 300) ?? '';
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
