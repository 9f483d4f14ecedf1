import { unlessAborted } from '../../base/deadline.ts';
import { errorMessage } from '../../base/error-message.ts';
import { checkWritable } from '../../base/write-file.ts';
import { type Runner, RunnerError } from '../../runners/runner.ts';
import { TargetError } from '../engine/options.ts';
import type { RunListener, RunResult, RunSettings } from '../engine/result.ts';
import type { ExitCode } from '../judge/verdict.ts';
import { judge } from '../judge/verdict.ts';
import { type LoadedSuite, loadSuite } from '../load/load-suite.ts';
import { type KnownFailuresInput, readKnownFailuresFiles } from '../plan/known-failures-files.ts';
import { checkCapabilities, selectCases } from '../plan/select-cases.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { Report } from '../report/report.ts';
import type { CommandContext } from './command-context.ts';
import { describeTarget, makeRunner } from './make-runner.ts';
import type { RunRequest } from './options.ts';
import { presentRun } from './present-run.ts';
import { rerunCommand } from './rerun.ts';

/** A run with everything that had to be found out before it. */
export interface Plan {
  readonly request: RunRequest;
  readonly suite: LoadedSuite;
  readonly cases: LoadedSuite['cases'];
  readonly settings: RunSettings;
  readonly failures: KnownFailuresInput;
}

/**
 * Holds the target against the contract and tells the outcome. All mistakes in what was asked for show before the
 * target is started.
 * @throws UsageError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function runCommand(request: RunRequest, context: CommandContext): Promise<ExitCode> {
  if (request.target.kind === 'image') {
    (await import('../../runners/image/image-runner.ts')).preloadImageRunner();
  }
  const plan = await makePlan(request);
  return presentRun({ ...plan, label: describeTarget(request.target) }, context, (reporter) =>
    checkTarget(plan, reporter, context),
  );
}

async function makePlan(request: RunRequest): Promise<Plan> {
  const { selection, reports } = request;
  const suite = await loadSuite(selection.fixtures);
  checkCapabilities(selection.capabilities, suite.cases);
  const cases = selectCases(suite.cases, selection);
  const failures = await readKnownFailuresFiles(request, new Set(suite.cases.map(({ id }) => id)));
  for (const { path } of reports) await checkWritable(path);
  const { level, capabilities, suites, cases: globs, fixtures } = selection;
  const settings: RunSettings = {
    level,
    capabilities,
    // Cases of somebody's own say nothing about the level either.
    narrowed: suites.length > 0 || globs.length > 0 || fixtures !== undefined,
    failOnSkip: request.failOnSkip,
  };
  return { request, suite, cases, settings, failures };
}

/**
 * Starts the target, holds it against the cases and ends it again. A target that cannot be tested is a report, too.
 * @throws UsageError for an option that the runner refuses
 */
export async function checkTarget(
  plan: Plan,
  listener: RunListener,
  context: CommandContext,
): Promise<Report> {
  const { request, suite, settings } = plan;
  const { tool, signal } = context;
  const startedAt = Date.now();
  try {
    const run = await runOnTarget(plan, listener, context);
    return {
      kind: 'run',
      tool,
      run,
      verdict: judge(run),
      clauses: suite.clauses,
      rerun: (caseId) => rerunCommand(request, caseId),
    };
  } catch (error) {
    return {
      kind: 'no-target',
      tool,
      target: { label: describeTarget(request.target), kind: request.target.kind },
      settings,
      startedAt,
      durationMs: Date.now() - startedAt,
      error: signal.aborted ? interrupted : reasonOf(error),
    };
  }
}

const interrupted = {
  code: 'interrupted',
  message: 'The run was interrupted before the target was ready.',
  advice: '',
  logs: [],
};

/** @throws UsageError for an option that the runner refuses, and whatever else is no fault of the target */
function reasonOf(error: unknown): Pick<TargetError, 'code' | 'message' | 'advice' | 'logs'> {
  if (error instanceof RunnerError) {
    const { code, message, advice } = error;
    if (code === 'bad-option') throw new UsageError(`${message} ${advice}`);
    return { code, message, advice, logs: [] };
  }
  if (error instanceof TargetError) return error;
  throw error;
}

async function runOnTarget(
  { request, suite, cases, settings, failures }: Plan,
  listener: RunListener,
  { signal, warn }: CommandContext,
): Promise<RunResult> {
  const { runSuite } = await import('../engine/run.ts');
  // Making a runner may take long (an image is pulled) and cannot be told to stop; the process ends soon after.
  const runner = await unlessAborted(makeRunner(request.target), signal);
  try {
    return await runSuite({
      runner,
      cases,
      identities: suite.identities,
      settings,
      concurrency: request.concurrency,
      caseTimeoutMs: request.caseTimeoutMs,
      readyTimeoutMs: request.readyTimeoutMs,
      bail: request.bail,
      keepWire: request.verbose,
      knownFailures: failures.known,
      signal,
      listener,
    });
  } finally {
    await release(runner, warn);
  }
}

/** Ends a runner. A target that cannot be cleaned up is complained about, and no reason to lose the verdict. */
export async function release(runner: Runner, warn: CommandContext['warn']): Promise<void> {
  try {
    await runner[Symbol.asyncDispose]();
  } catch (error) {
    warn(`warning: the target could not be cleaned up: ${errorMessage(error)}`);
  }
}
