import { unlessAborted } from '../../base/deadline.ts';
import { isObject } from '../../base/is-object.ts';
import { createRunner, describeTarget } from '../../runners/kinds.ts';
import type { Transport } from '../../runners/runner.ts';
import { asHttpCase, splitHttpId, transportsIn } from '../case/transport.ts';
import type { RunOptions } from '../drivers/runtime/run-suite.ts';
import type { RunResult } from '../engine/result.ts';
import { rerunCommand } from '../plan/rerun.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { Report } from '../report/report.ts';
import { type CheckContext, release, reportOf } from './report-of.ts';

/**
 * Starts the target of a plan, runs the cases, judges the run and ends the target. If the target cannot be tested,
 * returns a report with the reason. A run over both protocols starts the target once for each.
 * @throws UsageError if the runner rejects an option
 */
export async function checkTarget(plan: RunPlan, context: CheckContext): Promise<Report> {
  const { request, suite, settings } = plan;
  const { target } = request;
  const facts = {
    clauses: suite.clauses,
    rerun: (caseId?: string) => rerunCommand(request, comparesRun(plan, caseId) ? undefined : caseId),
    target: { label: describeTarget(target), kind: target.kind },
    settings,
  };
  return reportOf(facts, context, async () => {
    const { TransportComparison } = await import('../drivers/runtime/transport-comparison.ts');
    const [first, second] = transportsIn(settings.transport ?? 'grpc');
    const comparison = second && new TransportComparison();
    const pass = (transport: Transport) => runOver(transport, { ...plan, comparison }, context);
    const run = await pass(first);
    return second === undefined || run.interrupted !== undefined ? run : joined(run, await pass(second));
  });
}

/** Returns whether a case compares the cases of the whole run, so that it cannot run again alone. */
function comparesRun({ cases }: RunPlan, caseId = ''): boolean {
  const testCase = cases.find(({ id }) => id === splitHttpId(caseId).id);
  return (
    testCase?.steps.some(({ argument }) => isObject(argument) && argument['obeys'] === 'HTTP-10') ?? false
  );
}

type Pass = RunPlan & Pick<RunOptions, 'comparison'>;

/** Runs the cases of a plan over one protocol. */
async function runOver(transport: Transport, pass: Pass, context: CheckContext): Promise<RunResult> {
  const { request, suite, cases, settings, failures, readyTimeoutMs, concurrency, comparison } = pass;
  const { runSuite } = await import('../drivers/runtime/run-suite.ts');
  const { signal, warn, listener = {} } = context;
  const isBeside = comparison !== undefined && transport === 'http';
  // Creating a runner cannot be aborted and can take a long time, for example to pull an image. The process exits
  // soon after.
  const runner = await unlessAborted(createRunner(request.target, transport), signal);
  try {
    return await runSuite({
      runner,
      transport,
      comparison,
      cases: isBeside ? cases.map(asHttpCase) : cases,
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
}

/** Joins the results over both protocols. */
function joined(one: RunResult, other: RunResult): RunResult {
  return {
    ...one,
    results: [...one.results, ...other.results],
    durationMs: one.durationMs + other.durationMs,
    interrupted: other.interrupted,
  };
}
