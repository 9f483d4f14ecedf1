import { errorMessage } from '../../base/error-message.ts';
import { type Runner, RunnerError } from '../../runners/runner.ts';
import { TargetError } from '../engine/options.ts';
import type { RunListener, RunResult, RunSettings } from '../engine/result.ts';
import { judge } from '../judge/verdict.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { NoTargetReport, Report, RunReport, Tool } from '../report/report.ts';

/** What a check needs besides its plan. */
export interface CheckContext {
  /** Named in the report. */
  readonly tool: Tool;
  /** Ends the check early; what was started ends with it. */
  readonly signal: AbortSignal;
  /** Takes a message, without line end, for people. */
  readonly warn: (message: string) => void;
  readonly listener?: RunListener;
}

/** What a report says about a run, however it goes. */
export interface CheckFacts extends Pick<RunReport, 'clauses' | 'rerun'>, Pick<NoTargetReport, 'target'> {
  readonly settings: RunSettings;
}

/**
 * Judges a run. A target that cannot be tested is a report, too.
 * @throws UsageError for an option that the runner refuses
 */
export async function reportOf(
  { clauses, rerun, target, settings }: CheckFacts,
  { tool, signal }: CheckContext,
  carryOut: () => Promise<RunResult>,
): Promise<Report> {
  const startedAt = Date.now();
  try {
    const run = await carryOut();
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
 * Why a target cannot be tested.
 * @throws UsageError for an option that the runner refuses, and any error that is not about the target
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

/** Ends a runner. A target that cannot be cleaned up is a warning, and no reason to lose the verdict. */
export async function release(runner: Runner, warn: CheckContext['warn']): Promise<void> {
  try {
    await runner[Symbol.asyncDispose]();
  } catch (error) {
    warn(`warning: the target could not be cleaned up: ${errorMessage(error)}`);
  }
}
