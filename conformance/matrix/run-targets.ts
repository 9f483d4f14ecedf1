import { kindOf } from '../../runners/kinds.ts';
import { checkTarget } from '../check/check-target.ts';
import type { CheckContext } from '../check/report-of.ts';
import type { RunListener } from '../engine/result.ts';
import type { MatrixPlan } from '../plan/matrix-plan.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { Report } from '../report/report.ts';
import { type Implementation, type MatrixReport, makeMatrix } from './matrix.ts';

/** Called while the targets run. */
export interface MatrixListener {
  /** Returns the listener for the run of one target. */
  listenerOf(name: string): RunListener;
  /** Called when the run of a target has ended. */
  onTargetEnd(name: string, report: Report): void;
}

/**
 * Runs the same cases against all targets, as many concurrently as the plan allows. Everything that it started has
 * ended when it returns or throws.
 * @throws UsageError if a runner rejects an option
 */
export async function runTargets(
  plan: MatrixPlan,
  listener: MatrixListener,
  context: Omit<CheckContext, 'listener'>,
): Promise<MatrixReport> {
  for (const { target } of plan.targets) kindOf(target).preload?.();
  const startedAt = Date.now();
  const started = performance.now();
  const failure = new AbortController();
  const signal = AbortSignal.any([context.signal, failure.signal]);
  const implementations: Implementation[] = [];
  const waiting = plan.targets.entries();
  const work = async (): Promise<void> => {
    for (const [index, { name, plan: own }] of waiting) {
      try {
        const report = await checkTarget(own, { ...context, signal, listener: listener.listenerOf(name) });
        implementations[index] = { name, report };
        listener.onTargetEnd(name, report);
      } catch (error) {
        // An error that no target caused also ends the other runs, after their cleanup.
        failure.abort(error);
        throw error instanceof UsageError ? new UsageError(`target ${name}: ${error.message}`) : error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(plan.together, plan.targets.length) }, work);
  const rejected = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
  if (rejected?.status === 'rejected') throw rejected.reason;
  return makeMatrix({
    tool: context.tool,
    level: plan.level,
    shard: plan.shard,
    startedAt,
    durationMs: performance.now() - started,
    implementations,
    clauses: plan.suite.clauses,
  });
}
