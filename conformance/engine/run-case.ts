import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { withTimeLimit } from '../../base/deadline.ts';
import { errorMessage } from '../../base/error-message.ts';
import type { LogLine } from '../../runners/runner.ts';
import type { Step } from '../case/case.ts';
import { PatternTimeoutError } from '../match/regular-expression.ts';
import { WireLog } from '../wire/wire-log.ts';
import { CaseClock } from './case-clock.ts';
import type { CaseAttempt, CaseContext, RunnableCase, RunningTarget } from './driver.ts';
import { EvidenceLog } from './evidence.ts';
import {
  boundFailure,
  type FailureBody,
  NotCheckableError,
  NotDeclaredError,
  StepFailure,
} from './failure.ts';
import type { CaseOutcome, CaseResult } from './result.ts';

/** Time limit for the cleanup after a case, after which the run continues without waiting. */
const cleanUpMs = 15_000;

/** Default of `RunningTarget.exitNoticeMs`. */
const defaultExitNoticeMs = 50;

/** Abort reason of a case's signal. Without a reason, Node creates an error for each abort. */
const over = 'the case is over';

/** A case, its target and its options. */
export interface CaseRun {
  readonly testCase: RunnableCase;
  readonly target: RunningTarget;
  readonly attempt: (context: CaseContext) => CaseAttempt;
  readonly limitMs: number;
  /** Also keep the wire events of a passing case. */
  readonly keepWire: boolean;
  /** Gather what the case sends and receives. */
  readonly keepEvidence: boolean;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/**
 * Runs one case. Never rejects. Always ends within the time limit of the case plus the cleanup time.
 * @returns the result, and whether the case exceeded its time limit
 */
export async function runCase(run: CaseRun): Promise<{ result: CaseResult; timedOut: boolean }> {
  const startedAt = Date.now();
  const started = performance.now();
  const log = new WireLog();
  const gathered = run.keepEvidence ? new EvidenceLog(run.testCase.steps) : undefined;
  const { outcome, timedOut, logs: own, lackedRoom, targetExited } = await execute(run, log, gathered);
  const durationMs = performance.now() - started;
  const passed = outcome.kind === 'passed';
  const wire = passed && !run.keepWire ? [] : log.events();
  const output = (): readonly LogLine[] => own ?? run.target.logs?.between(startedAt, Date.now()) ?? [];
  const logs = passed ? [] : output();
  const evidence = gathered && { steps: gathered.steps(), wire: log.events(), logs: output() };
  const logsOf = own === undefined ? 'target' : 'instance';
  const result: CaseResult = {
    ...{ case: run.testCase, outcome, startedAt, durationMs, wire, logs, logsOf },
    ...(lackedRoom && { lackedRoom }),
    ...(targetExited !== undefined && { targetExited }),
  };
  return { result: evidence === undefined ? result : { ...result, evidence }, timedOut };
}

/** The result of an attempt at a case. */
interface Ending {
  readonly outcome: CaseOutcome;
  readonly timedOut: boolean;
  /** Output of the failing instance, if it is not the one under test. */
  readonly logs: readonly LogLine[] | undefined;
  readonly lackedRoom: boolean;
  /** How the target exited, if that ended the case. */
  readonly targetExited: string | undefined;
}

async function execute(run: CaseRun, log: WireLog, gathered: EvidenceLog | undefined): Promise<Ending> {
  const { testCase, limitMs, signal: runSignal } = run;
  const { gone, exitNoticeMs = defaultExitNoticeMs } = run.target;
  const end = new AbortController();
  const signal = AbortSignal.any([runSignal, end.signal]);
  // A case can open any number of connections, and each one adds a listener.
  setMaxListeners(0, signal);
  const clock = new CaseClock(limitMs);
  let current: Step | undefined;
  const onStep = (step: Step) => {
    current = step;
    gathered?.begin(step);
  };
  const attempt = run.attempt({ log, clock, signal, onStep, onExchange: gathered?.add });
  const failed = (failure: FailureBody, at: FailurePlace = {}) =>
    failedAt({ ...at, step: at.step ?? current }, testCase, failure);
  let timedOut = false;
  let logs: readonly LogLine[] | undefined;
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
      // Once the case is over, its steps fail only because it was aborted.
      if (signal.aborted) return Promise.race([cutShort, died]);
      if (error instanceof StepFailure) logs = error.logs;
      const outcome = outcomeOf(error, failed);
      // The exit of the target is more informative than the broken connection that it causes.
      return gone === undefined ? outcome : Promise.race([died, pause(exitNoticeMs, outcome)]);
    },
  );
  const outcome = await Promise.race([steps, cutShort, died]);
  const diedFirst = (await Promise.race([died, undefined])) === outcome;
  clock[Symbol.dispose]();
  end.abort(over);
  await withTimeLimit(Promise.resolve(attempt[Symbol.asyncDispose]()), cleanUpMs);
  const targetExited = diedFirst ? errorMessage(gone?.reason) : undefined;
  return { outcome, timedOut, logs, lackedRoom: attempt.lackedRoom ?? false, targetExited };
}

/** Calls back when `signal` is aborted, or immediately if it already is. Does not call back once `until` is aborted. */
function onAbort(signal: AbortSignal, until: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true, signal: until });
}

function outcomeOf(
  error: unknown,
  failed: (failure: FailureBody, at: FailurePlace) => CaseOutcome,
): CaseOutcome {
  if (error instanceof StepFailure) return failed(error.failure, error);
  // The pattern takes too long on a text from the target.
  if (error instanceof PatternTimeoutError) return failed({ summary: error.message, differences: [] }, {});
  if (error instanceof NotCheckableError) return { kind: 'skipped', reason: error.message };
  if (error instanceof NotDeclaredError)
    return { kind: 'not-declared', capability: error.capability, reason: error.message };
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'broken', reason: reason.replace(/\s+/g, ' ') };
}

/** The failed step with the source of its enclosing step, and the clause that the failure itself proves violated. */
type FailurePlace = Partial<Pick<StepFailure, 'step' | 'violated' | 'violatesStep' | 'blockedBy'>>;

function failedAt(
  { step, violated, violatesStep = true, blockedBy }: FailurePlace,
  { clauses: [main = ''], steps }: RunnableCase,
  body: FailureBody,
): CaseOutcome {
  const bounded = boundFailure(body);
  if (step === undefined) {
    if (blockedBy !== undefined)
      return { kind: 'blocked', failure: { ...bounded, clauses: [] }, by: blockedBy };
    return { kind: 'failed', failure: { ...bounded, clauses: [violated ?? main] } };
  }
  const { file, line } = step.source;
  const index = steps.findIndex(({ source }) => source === step.source);
  const item = steps[index]?.item;
  const summary = item === undefined ? bounded.summary : `for ${item}: ${bounded.summary}`;
  const place = { number: index + 1, verb: step.verb, file, line };
  const own = violatesStep ? (step.clauses ?? [main]) : [];
  const clauses = violated === undefined ? own : [violated, ...own];
  const failure = { ...bounded, summary, step: place, clauses };
  const by = blockedBy ?? step.setup;
  if (by === undefined || violated !== undefined) return { kind: 'failed', failure };
  return { kind: 'blocked', failure: { ...failure, clauses: [] }, by };
}
