import { unlessAborted } from '../../base/deadline.ts';
import { createRunner, describeTarget } from '../../runners/kinds.ts';
import { rerunCommand } from '../plan/rerun.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { Report } from '../report/report.ts';
import { type CheckContext, release, reportOf } from './report-of.ts';

/**
 * Starts the target of a plan, runs the cases, judges the run and ends the target. If the target cannot be tested,
 * returns a report with the reason.
 * @throws UsageError if the runner rejects an option
 */
export async function checkTarget(plan: RunPlan, context: CheckContext): Promise<Report> {
  const { request, suite, cases, settings, failures, readyTimeoutMs, concurrency } = plan;
  const { target } = request;
  const facts = {
    clauses: suite.clauses,
    rerun: (caseId?: string) => rerunCommand(request, caseId),
    target: { label: describeTarget(target), kind: target.kind },
    settings,
  };
  return reportOf(facts, context, async () => {
    const { runSuite } = await import('../drivers/runtime/run-suite.ts');
    const { signal, warn, listener = {} } = context;
    // Creating a runner cannot be aborted and can take a long time, for example to pull an image. The process exits
    // soon after.
    const runner = await unlessAborted(createRunner(target), signal);
    try {
      return await runSuite({
        runner,
        cases,
        identities: suite.identities,
        own: request.own,
        settings,
        concurrency,
        caseTimeoutMs: request.caseTimeoutMs,
        readyTimeoutMs,
        bail: request.bail,
        repeat: settings.repeat,
        first: request.first,
        keepWire: request.keepWire ?? false,
        keepEvidence: request.keepEvidence,
        knownFailures: failures.known,
        signal,
        listener,
      });
    } finally {
      await release(runner, warn);
    }
  });
}
