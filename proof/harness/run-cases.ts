import { newestRelease } from '../../conformance/case/release.ts';
import { defaultConcurrency } from '../../conformance/engine/options.ts';
import {
  createCommandRunner,
  type Runner,
  type RunOptions,
  type RunResult,
  runSuite,
} from '../../conformance/index.ts';

type CaseOptions = Partial<RunOptions> & Pick<RunOptions, 'cases' | 'identities'>;

/** Runs cases of the suite against a new process of a program. */
export async function runCommand(
  words: readonly [program: string, ...args: string[]],
  environment: Readonly<Record<string, string>>,
  options: CaseOptions,
): Promise<RunResult> {
  const [program, ...args] = words;
  const command = JSON.stringify(program);
  await using runner = createCommandRunner({
    ...{ command, args, environment, graceMilliseconds: 200 },
    transport: options.transport,
  });
  return await runCases(runner, options);
}

/**
 * Runs cases of the suite. By default against the newest release, at level strict, and a skipped case fails the run.
 */
export function runCases(runner: Runner, options: CaseOptions): Promise<RunResult> {
  return runSuite({
    runner,
    settings: {
      level: 'strict',
      contract: newestRelease,
      capabilities: [],
      narrowed: false,
      failOnSkip: true,
    },
    concurrency: defaultConcurrency,
    readyTimeoutMs: 30_000,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
    ...options,
  });
}
