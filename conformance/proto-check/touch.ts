import type { Runner } from '../../runners/runner.ts';
import { RunnerError } from '../../runners/runner.ts';
import type { DataCase } from '../case/case.ts';
import { type RunOptions, runSuite } from '../drivers/runtime/run-suite.ts';
import { TargetError } from '../engine/options.ts';
import type { RunResult } from '../engine/result.ts';
import { createTranslatingRunner } from './translating-runner.ts';
import type { TranslatedCall, Translation } from './translation.ts';

/** What callers that were built from a changed module see of an implementation that was not. */
export type Touch =
  /** These cases pass for the callers of today, and fail for those. Clause ids are of these cases, each once. */
  | {
      readonly kind: 'cases';
      readonly cases: readonly string[];
      readonly clauses: readonly string[];
      readonly of: number;
    }
  /** They do not even see that it is ready. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What a run through a translation needs. */
export type TouchOptions = Pick<RunOptions, 'identities' | 'concurrency' | 'signal' | 'settings'> & {
  readonly runner: Runner;
  /** Those that passed without a translation. */
  readonly cases: readonly DataCase[];
};

/** An answer that never comes costs every case its whole time; one that comes takes milliseconds. */
const caseTimeoutMs = 3_000;
const readyTimeoutMs = 5_000;

/**
 * Runs the suite as a program would that was built from the changed module: its calls have the paths, field numbers and
 * types of that module, and it reads the answers by them. What fails so and passes otherwise is what the change touches.
 */
export async function measureTouch(options: TouchOptions, translation: Translation): Promise<Touch> {
  const cases = options.cases.filter(({ needs }) => (needs.runner ?? []).length === 0);
  let result: RunResult;
  try {
    result = await runThrough({ ...options, cases }, (path) => translation.call(path));
  } catch (error) {
    if (!(error instanceof TargetError || error instanceof RunnerError)) throw error;
    if (options.signal.aborted) return { kind: 'unknown', reason: 'the run was interrupted' };
    return { kind: 'unreachable', reason: error.message };
  }
  if (options.signal.aborted) return { kind: 'unknown', reason: 'the run was interrupted' };
  const suspects = notPassed(result);
  const touched = suspects.length === 0 ? [] : await confirmed({ ...options, cases: suspects });
  return {
    kind: 'cases',
    of: cases.length,
    cases: touched.map(({ id }) => id),
    clauses: [...new Set(touched.flatMap(({ clauses }) => clauses))],
  };
}

/** Of these cases those that pass on the same way without a translation: it is the change that they fail for. */
async function confirmed(options: TouchOptions): Promise<readonly DataCase[]> {
  const same = (bytes: Uint8Array): Uint8Array => bytes;
  const untranslated = (path: string): TranslatedCall => ({
    kind: 'served',
    path,
    request: same,
    response: same,
  });
  const failing = new Set(notPassed(await runThrough(options, untranslated)).map(({ id }) => id));
  return options.cases.filter(({ id }) => !failing.has(id));
}

async function runThrough(
  { runner, ...options }: TouchOptions,
  translate: (path: string) => TranslatedCall,
): Promise<RunResult> {
  const through = createTranslatingRunner(runner, translate);
  try {
    return await runSuite({
      ...options,
      runner: through,
      caseTimeoutMs,
      readyTimeoutMs,
      bail: false,
      keepWire: false,
      knownFailures: new Map(),
      listener: {},
    });
  } finally {
    await through[Symbol.asyncDispose]();
  }
}

function notPassed({ results }: RunResult): readonly DataCase[] {
  return results
    .filter(
      ({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'broken' || outcome.kind === 'not-run',
    )
    .map((result) => result.case as DataCase);
}
