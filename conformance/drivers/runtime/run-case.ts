import { setMaxListeners } from 'node:events';
import { withTimeLimit } from '../../../base/deadline.ts';
import type { Instance, InstanceExit, Runner } from '../../../runners/runner.ts';
import { RunnerError } from '../../../runners/runner.ts';
import type { DataCase, Step } from '../../case/case.ts';
import { CaseClock } from '../../engine/case-clock.ts';
import { boundFailure, StepFailure } from '../../engine/failure.ts';
import { TargetError } from '../../engine/options.ts';
import type { CaseOutcome, CaseResult, Failure } from '../../engine/result.ts';
import type { SchemaSet } from '../../match/schema-set.ts';
import { ObservationError } from '../../observe/unary.ts';
import { ConnectError } from '../../wire/connection.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { CaseRun } from './case-run.ts';
import { runSteps } from './interpret.ts';
import type { LeftSessions } from './left-sessions.ts';
import type { Identities } from './request.ts';
import { type Recorder, Scope } from './scope.ts';

/** Cleaning up after a case has this long before the run goes on without it. */
const cleanUpMs = 15_000;

/** Why a case's work ends. Without a reason Node makes an error each time. */
const over = 'the case is over';

export interface RunCaseOptions {
  readonly runner: Runner;
  readonly instance: Instance;
  /** Settles when the instance is ready. */
  readonly ready: Promise<unknown>;
  readonly identities: Identities;
  readonly schemas: SchemaSet;
  readonly deadlineMs: number;
  /** Takes the sessions that the case leaves. */
  readonly left: LeftSessions;
  readonly readyTimeoutMs: number;
  readonly keepWire: boolean;
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Records goldens in place of comparing. */
  readonly recorder?: Recorder;
  /** How the instance ended, in words: `the target ended (exit code 1)`. */
  readonly describeExit: (exit: InstanceExit) => string;
}

/** Runs one case. Never rejects, and always ends within the case's deadline and the time to clean up. */
export async function runCase(testCase: DataCase, options: RunCaseOptions): Promise<CaseResult> {
  const startedAt = Date.now();
  const started = performance.now();
  const log = new WireLog();
  const outcome = await carryOut(testCase, options, log);
  const passed = outcome.kind === 'passed';
  return {
    case: testCase,
    outcome,
    startedAt,
    durationMs: performance.now() - started,
    wire: passed && !options.keepWire ? [] : log.events(),
    logs: passed ? [] : options.instance.logs.between(startedAt, Date.now()),
  };
}

async function carryOut(testCase: DataCase, options: RunCaseOptions, log: WireLog): Promise<CaseOutcome> {
  const deadline = new AbortController();
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  // A case may open as many connections as it likes, and each listens.
  setMaxListeners(0, signal);
  const clock = new CaseClock(options.deadlineMs);
  const run = new CaseRun({ ...options, log, signal, clock });
  const progress: { step: Step | undefined } = { step: undefined };
  const scope = new Scope({
    run,
    variables: new Map(),
    schemas: options.schemas,
    recorder: options.recorder,
    onStep: (step) => {
      progress.step = step;
    },
  });
  const ended = new Promise<CaseOutcome>((resolve) => {
    void clock.expired.then(() => {
      resolve(failed(deadlineFailure(options.deadlineMs, run), testCase, progress.step));
      deadline.abort(over);
    });
    const interrupt = () => resolve({ kind: 'not-run', reason: 'the run was interrupted' });
    options.signal.addEventListener('abort', interrupt, { once: true, signal: deadline.signal });
  });
  const died = options.instance.exit.then((exit): CaseOutcome => {
    const summary = `${options.describeExit(exit)} while this case ran`;
    return failed({ summary, differences: [] }, testCase, progress.step);
  });
  const steps = runSteps(scope, testCase.steps).then(
    (): CaseOutcome => ({ kind: 'passed' }),
    async (error: unknown): Promise<CaseOutcome> => {
      const outcome = outcomeOf(error, testCase, progress.step);
      // A connection that broke because the target died tells less than that it died.
      return Promise.race([died, settle().then(() => outcome)]);
    },
  );
  try {
    return await Promise.race([steps, ended, died]);
  } finally {
    clock[Symbol.dispose]();
    deadline.abort(over);
    await withTimeLimit(run[Symbol.asyncDispose](), cleanUpMs);
    // The instance's exit keeps its listeners, and so all that this case has read, as long as it runs.
    scope.variables.clear();
  }
}

function outcomeOf(error: unknown, testCase: DataCase, step: Step | undefined): CaseOutcome {
  if (error instanceof StepFailure) return failed(error.failure, testCase, step);
  if (
    error instanceof ObservationError ||
    error instanceof ConnectError ||
    error instanceof TargetError ||
    error instanceof RunnerError
  ) {
    return failed({ summary: error.message, differences: [] }, testCase, step);
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'broken', reason: reason.replace(/\s+/g, ' ') };
}

function failed(whole: Omit<Failure, 'step'>, testCase: DataCase, step: Step | undefined): CaseOutcome {
  const failure = boundFailure(whole);
  if (step === undefined) return { kind: 'failed', failure };
  // A nested step has the source of the one around it.
  const position = testCase.steps.findIndex(({ source }) => source === step.source);
  const item = testCase.steps[position]?.item;
  return {
    kind: 'failed',
    failure: {
      ...failure,
      summary: item === undefined ? failure.summary : `for ${item}: ${failure.summary}`,
      step: { number: position + 1, verb: step.verb, file: step.source.file, line: step.source.line },
    },
  };
}

function deadlineFailure(deadlineMs: number, run: CaseRun): Omit<Failure, 'step'> {
  const summary = `the case was not over within ${deadlineMs / 1000} s`;
  const last = run.lastTry;
  if (last === undefined) return { summary, differences: [] };
  return {
    ...(last instanceof StepFailure ? last.failure : { differences: [] }),
    summary: `${summary}: ${last.message}`,
  };
}

/** Long enough for the end of a process to be told after its connections broke. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
