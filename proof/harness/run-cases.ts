import { defaultConcurrency, type RunOptions } from '../../conformance/engine/options.ts';
import { type Runner, type RunResult, runSuite } from '../../conformance/index.ts';

/** Runs cases of the suite at level strict, where nothing may be skipped, unless `options` say otherwise. */
export function runCases(
  runner: Runner,
  options: Partial<RunOptions> & Pick<RunOptions, 'cases' | 'identities'>,
): Promise<RunResult> {
  return runSuite({
    runner,
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: true },
    concurrency: defaultConcurrency,
    readyTimeoutMs: 30_000,
    bail: false,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
    ...options,
  });
}
