import type { RunListener, RunSettings } from '../../engine/result.ts';
import { type MatrixReport, makeMatrix } from '../../matrix/matrix.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { Report } from '../../report/report.ts';
import type { CommandContext } from '../command-context.ts';
import { checkTarget } from '../run-command.ts';
import type { MatrixPlan, PlannedTarget } from './plan.ts';

/** Told while the targets run. */
export interface MatrixListener {
  /** What a target's run is to be told to. */
  listenerOf(name: string): RunListener;
  onTargetEnd(name: string, report: Report): void;
}

/**
 * Holds all targets against the same cases, as many side by side as the plan allows. Everything that was started has
 * ended when it returns, and also when it throws.
 * @throws UsageError for an option that a runner refuses
 */
export async function runTargets(
  plan: MatrixPlan,
  listener: MatrixListener,
  context: CommandContext,
): Promise<MatrixReport> {
  if (plan.targets.some(({ target }) => target.kind === 'image')) {
    (await import('../../../runners/image/image-runner.ts')).preloadImageRunner();
  }
  const startedAt = Date.now();
  const started = performance.now();
  const failure = new AbortController();
  const signal = AbortSignal.any([context.signal, failure.signal]);
  const reports = new Map<string, Report>();
  const waiting = plan.targets.values();
  const work = async (): Promise<void> => {
    for (const target of waiting) {
      try {
        const report = await runTarget(target, plan, {
          listener: listener.listenerOf(target.name),
          context: { ...context, signal },
        });
        reports.set(target.name, report);
        listener.onTargetEnd(target.name, report);
      } catch (error) {
        // What is no fault of a target ends the others, too; they clean up after themselves first.
        failure.abort(error);
        throw error instanceof UsageError ? new UsageError(`target ${target.name}: ${error.message}`) : error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(plan.together, plan.targets.length) }, work);
  const rejected = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
  if (rejected?.status === 'rejected') throw rejected.reason;
  return makeMatrix({
    tool: context.tool,
    level: plan.level,
    startedAt,
    durationMs: performance.now() - started,
    implementations: plan.targets.flatMap(({ name }) => {
      const report = reports.get(name);
      return report === undefined ? [] : [{ name, report }];
    }),
    clauses: plan.suite.clauses,
  });
}

async function runTarget(
  { request, failures }: PlannedTarget,
  { suite, cases }: MatrixPlan,
  { listener, context }: { readonly listener: RunListener; readonly context: CommandContext },
): Promise<Report> {
  const { level, capabilities, suites, cases: globs, fixtures } = request.selection;
  const settings: RunSettings = {
    level,
    capabilities,
    narrowed: suites.length > 0 || globs.length > 0 || fixtures !== undefined,
    failOnSkip: request.failOnSkip,
  };
  return checkTarget({ request, suite, cases, settings, failures }, listener, context);
}
