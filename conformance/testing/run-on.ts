import type { Runner } from '../../runners/runner.ts';
import type { DataCase } from '../case/case.ts';
import { type RunOptions, runSuite } from '../drivers/runtime/run-suite.ts';
import type { RunResult } from '../engine/result.ts';

/** Runs a few cases with options that suit fast targets. */
export function runOn(
  runner: Runner,
  cases: readonly DataCase[],
  more: Partial<RunOptions> = {},
): Promise<RunResult> {
  return runSuite({
    runner,
    cases,
    identities: new Map([['alice', { email: 'alice@example.com' }]]),
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: false },
    concurrency: 4,
    readyTimeoutMs: 5_000,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
    ...more,
  });
}
