import { type Runner, RunnerError } from '../../runners/runner.ts';
import type { DataCase } from '../case/case.ts';
import { type RunOptions, runSuite } from '../drivers/runtime/run-suite.ts';
import { TargetError } from '../engine/options.ts';
import type { CaseResult } from '../engine/result.ts';
import { reasonOf } from '../report/summary.ts';
import { cut } from '../text/text.ts';
import { createTranslatingRunner } from './translating-runner.ts';
import { type TranslatedCall, type Translation, untranslated } from './translation.ts';

/** The outcome for callers built from a changed module on an implementation that was not changed. */
export type Touch =
  /**
   * The cases that pass for current callers and fail for callers of the changed module, with their clauses.
   */
  | {
      readonly kind: 'cases';
      readonly cases: readonly string[];
      readonly clauses: readonly string[];
      /** For each of the cases, why it fails for callers of the changed module, on one line. */
      readonly reasons: readonly string[];
      readonly of: number;
    }
  /** Callers of the changed module cannot tell that the implementation is ready. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Options of a measurement. */
export type TouchOptions = Pick<RunOptions, 'identities' | 'concurrency' | 'signal' | 'settings'> & {
  readonly runner: Runner;
  /** Cases that passed without a translation. */
  readonly cases: readonly DataCase[];
};

/**
 * Runs the suite like a program built from the changed module: its calls use the paths, field numbers and types of that
 * module, and it decodes responses with the same module. The change affects the cases that fail this way but pass
 * without translation.
 */
export async function measureTouch(options: TouchOptions, translation: Translation): Promise<Touch> {
  const { signal } = options;
  const interrupted: Touch = { kind: 'unknown', reason: 'the run was interrupted' };
  const cases = options.cases.filter(({ needs }) => (needs.runner ?? []).length === 0);
  let suspects: readonly CaseResult[];
  try {
    suspects = await failedThrough({ ...options, cases }, (path) => translation.call(path));
  } catch (error) {
    if (!(error instanceof TargetError || error instanceof RunnerError)) throw error;
    return signal.aborted ? interrupted : { kind: 'unreachable', reason: error.message };
  }
  if (signal.aborted) return interrupted;
  // Only cases that pass through a proxy without translation can fail because of the change.
  const again = suspects.map((result) => result.case as DataCase);
  const failing = again.length === 0 ? [] : await failedThrough({ ...options, cases: again }, untranslated);
  const touched = suspects.filter(({ case: { id } }) => failing.every((each) => each.case.id !== id));
  return {
    kind: 'cases',
    of: cases.length,
    cases: touched.map((result) => result.case.id),
    clauses: [...new Set(touched.flatMap((result) => result.case.clauses))],
    reasons: touched.map((result) => cut(reasonOf(result), maxReasonLength)),
  };
}

const maxReasonLength = 240;

/** Returns the results of the cases that do not pass with translated calls. */
async function failedThrough(
  { runner, ...options }: TouchOptions,
  translate: (path: string) => TranslatedCall,
): Promise<readonly CaseResult[]> {
  await using through = createTranslatingRunner(runner, translate);
  const { results } = await runSuite({
    ...options,
    runner: through,
    // A missing response would use up the whole time limit, while an actual response takes milliseconds.
    caseTimeoutMs: 3_000,
    readyTimeoutMs: 5_000,
    keepWire: false,
    knownFailures: new Map(),
    listener: {},
  });
  return results.filter(({ outcome }) => ['failed', 'blocked', 'broken', 'not-run'].includes(outcome.kind));
}
