import { errorMessage } from '../../base/error-message.ts';
import { type Runner, RunnerError } from '../../runners/runner.ts';
import { TargetError } from '../engine/options.ts';
import type { RunListener, RunResult, RunSettings } from '../engine/result.ts';
import { judge } from '../judge/verdict.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { NoTargetReport, Report, RunReport, Tool } from '../report/report.ts';

/** Context of a check, independent of its plan. */
export interface CheckContext {
  /** The tool that the report names. */
  readonly tool: Tool;
  /** Ends the check early, along with everything that it started. */
  readonly signal: AbortSignal;
  /** Called with warnings for people, without a trailing newline. */
  readonly warn: (message: string) => void;
  readonly listener?: RunListener;
}

/** The part of a report that is the same for every run. */
export interface CheckFacts extends Pick<RunReport, 'clauses' | 'rerun'>, Pick<NoTargetReport, 'target'> {
  readonly settings: RunSettings;
}

/**
 * Runs a check and judges the run. If the target cannot be tested, returns a report with the reason.
 * @throws UsageError if the runner rejects an option
 */
export async function reportOf(
  { clauses, rerun, target, settings }: CheckFacts,
  { tool, signal }: CheckContext,
  execute: () => Promise<RunResult>,
): Promise<Report> {
  const startedAt = Date.now();
  try {
    const run = await execute();
    return { kind: 'run', tool, run, verdict: judge(run), clauses, rerun };
  } catch (error) {
    return {
      kind: 'no-target',
      tool,
      target,
      settings,
      startedAt,
      durationMs: Date.now() - startedAt,
      error: signal.aborted ? interrupted : reasonOf(error),
    };
  }
}

const interrupted: NoTargetReport['error'] = {
  code: 'interrupted',
  message: 'The run was interrupted before the target was ready.',
  advice: '',
  logs: [],
};

/**
 * Returns the reason that a target cannot be tested.
 * @throws UsageError if the runner rejected an option. Rethrows errors that are not about the target.
 */
export function reasonOf(error: unknown): NoTargetReport['error'] {
  if (error instanceof RunnerError) {
    const { code, message, advice } = error;
    if (code === 'bad-option') throw new UsageError(`${message} ${advice}`);
    return { code, message, advice, logs: [] };
  }
  if (error instanceof TargetError) return error;
  throw error;
}

/** Disposes of a runner. A failed cleanup is only a warning, because the verdict is still valid. */
export async function release(runner: Runner, warn: CheckContext['warn']): Promise<void> {
  try {
    await runner[Symbol.asyncDispose]();
  } catch (error) {
    warn(`warning: cleaning up the target failed: ${errorMessage(error)}`);
  }
}
