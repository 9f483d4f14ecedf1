import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { withTimeLimit } from '../../base/deadline.ts';
import { errorMessage } from '../../base/error-message.ts';
import type { Step } from '../case/case.ts';
import { WireLog } from '../wire/wire-log.ts';
import { CaseClock } from './case-clock.ts';
import type { CaseAttempt, CaseContext, RunnableCase, RunningTarget } from './driver.ts';
import { boundFailure, type FailureBody, NotCheckableError, StepFailure } from './failure.ts';
import type { CaseOutcome, CaseResult } from './result.ts';

/** Cleaning up after a case has this long before the run goes on without it. */
const cleanUpMs = 15_000;

/** The kit may learn that a process has ended this long after its connections broke. */
const exitNoticeMs = 50;

/** Why the signal of a case is aborted. Without a reason Node makes an error each time. */
const over = 'the case is over';

/** A case, where it runs, and how. */
export interface CaseRun {
  readonly testCase: RunnableCase;
  readonly target: RunningTarget;
  readonly attempt: (context: CaseContext) => CaseAttempt;
  readonly limitMs: number;
  /** Keep the wire events of a passing case too. */
  readonly keepWire: boolean;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/**
 * Runs one case. Never rejects, and always ends within the case's time limit and the time to clean up.
 * @returns the result, and whether the time limit ended the case
 */
export async function runCase(run: CaseRun): Promise<{ result: CaseResult; timedOut: boolean }> {
  const startedAt = Date.now();
  const started = performance.now();
  const log = new WireLog();
  const { outcome, timedOut } = await carryOut(run, log);
  const durationMs = performance.now() - started;
  const passed = outcome.kind === 'passed';
  const wire = passed && !run.keepWire ? [] : log.events();
  const logs = passed ? [] : (run.target.logs?.between(startedAt, Date.now()) ?? []);
  return { result: { case: run.testCase, outcome, startedAt, durationMs, wire, logs }, timedOut };
}

async function carryOut(run: CaseRun, log: WireLog): Promise<{ outcome: CaseOutcome; timedOut: boolean }> {
  const { testCase, limitMs, signal: runSignal } = run;
  const { gone } = run.target;
  const end = new AbortController();
  const signal = AbortSignal.any([runSignal, end.signal]);
  // A case may open as many connections as it likes, and each listens.
  setMaxListeners(0, signal);
  const clock = new CaseClock(limitMs);
  let current: Step | undefined;
  const onStep = (step: Step) => {
    current = step;
  };
  const attempt = run.attempt({ log, clock, signal, onStep });
  const failed = (failure: FailureBody, at: FailurePlace = {}) =>
    failedAt({ ...at, step: at.step ?? current }, testCase, failure);
  let timedOut = false;
  const cutShort = new Promise<CaseOutcome>((resolve) => {
    void clock.expired.then(() => {
      timedOut = true;
      const timeUp = attempt.timeUp(limitMs);
      resolve(failed(timeUp.failure, timeUp));
      end.abort(over);
    });
    onAbort(runSignal, end.signal, () => resolve({ kind: 'not-run', reason: 'the run was interrupted' }));
  });
  const died = new Promise<CaseOutcome>((resolve) => {
    if (gone === undefined) return;
    onAbort(gone, end.signal, () => {
      const summary = `${errorMessage(gone.reason)} while this case ran`;
      resolve(failed({ summary, actual: attempt.overview?.(), differences: [] }));
    });
  });
  const steps = attempt.run().then(
    (): CaseOutcome => ({ kind: 'passed' }),
    async (error: unknown): Promise<CaseOutcome> => {
      // Once the case is over, its steps fail for no other reason.
      if (signal.aborted) return Promise.race([cutShort, died]);
      const outcome = outcomeOf(error, failed);
      // A connection that broke because the target died tells less than that it died.
      return gone === undefined ? outcome : Promise.race([died, pause(exitNoticeMs, outcome)]);
    },
  );
  const outcome = await Promise.race([steps, cutShort, died]);
  clock[Symbol.dispose]();
  end.abort(over);
  await withTimeLimit(Promise.resolve(attempt[Symbol.asyncDispose]()), cleanUpMs);
  return { outcome, timedOut };
}

/** Calls back when `signal` is aborted, or at once where it is already; not after `until` is aborted. */
function onAbort(signal: AbortSignal, until: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true, signal: until });
}

function outcomeOf(
  error: unknown,
  failed: (failure: FailureBody, at: FailurePlace) => CaseOutcome,
): CaseOutcome {
  if (error instanceof StepFailure) return failed(error.failure, error);
  if (error instanceof NotCheckableError) return { kind: 'skipped', reason: error.message };
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'broken', reason: reason.replace(/\s+/g, ' ') };
}

/** The step that failed, which has the source of the step around it, and the clause that the failure itself proves violated. */
type FailurePlace = Partial<Pick<StepFailure, 'step' | 'violated'>>;

function failedAt(
  { step, violated }: FailurePlace,
  { clauses: [main = ''], steps }: RunnableCase,
  body: FailureBody,
): CaseOutcome {
  const bounded = boundFailure(body);
  if (step === undefined) return { kind: 'failed', failure: { ...bounded, clauses: [violated ?? main] } };
  const { file, line } = step.source;
  const index = steps.findIndex(({ source }) => source === step.source);
  const item = steps[index]?.item;
  const summary = item === undefined ? bounded.summary : `for ${item}: ${bounded.summary}`;
  const place = { number: index + 1, verb: step.verb, file, line };
  // A step that names clauses violates these too: they ask for a well-formed response.
  const clauses = violated === undefined ? (step.clauses ?? [main]) : [violated, ...(step.clauses ?? [])];
  const failure = { ...bounded, summary, step: place, clauses };
  if (step.setup === undefined || violated !== undefined) return { kind: 'failed', failure };
  return { kind: 'blocked', failure: { ...failure, clauses: [] }, by: step.setup };
}
