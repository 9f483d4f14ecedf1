import { type Runner, RunnerError } from '../../runners/runner.ts';
import type { DataCase } from '../case/case.ts';
import { type RunOptions, runSuite } from '../drivers/runtime/run-suite.ts';
import { TargetError } from '../engine/options.ts';
import { createTranslatingRunner } from './translating-runner.ts';
import { type TranslatedCall, type Translation, untranslated } from './translation.ts';

/** How callers that were built from a changed module fare on an implementation that was not. */
export type Touch =
  /** These cases pass for today's callers, and fail for those. Clause ids are of these cases, each once. */
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

/**
 * Runs the suite as a program built from the changed module would: its calls have the paths, field numbers and types of
 * that module, and it reads the answers by them. The change touches the cases that fail so and pass otherwise.
 */
export async function measureTouch(options: TouchOptions, translation: Translation): Promise<Touch> {
  const { signal } = options;
  const interrupted: Touch = { kind: 'unknown', reason: 'the run was interrupted' };
  const cases = options.cases.filter(({ needs }) => (needs.runner ?? []).length === 0);
  let suspects: readonly DataCase[];
  try {
    suspects = await failedThrough({ ...options, cases }, (path) => translation.call(path));
  } catch (error) {
    if (!(error instanceof TargetError || error instanceof RunnerError)) throw error;
    return signal.aborted ? interrupted : { kind: 'unreachable', reason: error.message };
  }
  if (signal.aborted) return interrupted;
  // The change makes those fail that pass through a proxy without a translation.
  const failing =
    suspects.length === 0 ? [] : await failedThrough({ ...options, cases: suspects }, untranslated);
  const touched = suspects.filter(({ id }) => failing.every((each) => each.id !== id));
  return {
    kind: 'cases',
    of: cases.length,
    cases: touched.map(({ id }) => id),
    clauses: [...new Set(touched.flatMap(({ clauses }) => clauses))],
  };
}

/** The cases that do not pass with these calls. */
async function failedThrough(
  { runner, ...options }: TouchOptions,
  translate: (path: string) => TranslatedCall,
): Promise<readonly DataCase[]> {
  await using through = createTranslatingRunner(runner, translate);
  const { results } = await runSuite({
    ...options,
    runner: through,
    // A missing answer costs every case all of its time; an answer that comes takes milliseconds.
    caseTimeoutMs: 3_000,
    readyTimeoutMs: 5_000,
    bail: false,
    keepWire: false,
    knownFailures: new Map(),
    listener: {},
  });
  const notPassed = results.filter(({ outcome }) =>
    ['failed', 'blocked', 'broken', 'not-run'].includes(outcome.kind),
  );
  return notPassed.map((result) => result.case as DataCase);
}
