import { setMaxListeners } from 'node:events';
import { errorMessage } from '../../base/error-message.ts';
import { RunnerError } from '../../runners/runner.ts';
import { type CaseHead, defaultCaseDeadlineMs } from '../case/case.ts';
import { blockedByExit, maxAlone, maxAloneTimeouts, mayDependOnOthers, settle } from './alone.ts';
import { addAttempt } from './attempts.ts';
import { CaseQueue } from './case-queue.ts';
import type { Driver, RunnableCase, RunningTarget, StartingTarget, TargetPhase } from './driver.ts';
import { type EngineOptions, TargetError } from './options.ts';
import type { CaseOutcome, CaseResult, RunListener, RunResult } from './result.ts';
import { runCase } from './run-case.ts';

/** Number of lanes that take cases that start processes before other cases. */
const launchLanes = 2;

/** Stop the run when cases that exceeded their time limit outnumber the others by this many. */
const maxTimeouts = 24;

/**
 * Starts a target, discovers its catalog and runs the cases: first concurrently, then the failed ones again, one by
 * one, and then the cases marked `alone` one by one. Repeats that for every further round. Omits cases that do not
 * apply to the release of the contract or to the eras of the target. All cases have ended when it returns. The caller
 * disposes of the target.
 * @throws TargetError, RunnerError if the target never became ready
 */
export async function runCases<Case extends RunnableCase, Target extends RunningTarget>(
  driver: Driver<Case, Target>,
  options: EngineOptions<Case>,
): Promise<RunResult> {
  const startedAt = Date.now();
  const started = performance.now();
  // Every concurrent case and launch adds a listener.
  setMaxListeners(0, options.signal);
  const start = await driver.start();
  const listener = buffered(options.listener);
  const facts = start.facts.then((target) => {
    const cases = options.cases.filter((testCase) => driver.applies?.(testCase) ?? true);
    listener.onStart({ target, cases });
    return target;
  });
  // The schedule reports this error.
  facts.catch(() => {});
  const schedule = new Schedule(driver, start, { ...options, listener });
  const results = await schedule.run();
  const durationMs = performance.now() - started;
  const { settings } = options;
  return { settings, target: await facts, results, startedAt, durationMs, interrupted: schedule.stopped };
}

/** Buffers case events until `onStart` has fired, because some cases begin while the target starts. */
function buffered(listener: RunListener): Required<RunListener> {
  let held: (() => void)[] | undefined = [];
  const pass = (event: () => void): void => {
    if (held === undefined) event();
    else held.push(event);
  };
  return {
    onStart: (event) => {
      listener.onStart?.(event);
      const events = held ?? [];
      held = undefined;
      for (const each of events) each();
    },
    onCaseStart: (head) => pass(() => listener.onCaseStart?.(head)),
    onAttemptEnd: (result, round) => pass(() => listener.onAttemptEnd?.(result, round)),
    onCaseEnd: (result) => pass(() => listener.onCaseEnd?.(result)),
  };
}

/**
 * Runs cases in concurrent lanes. While the target starts, a single lane runs the cases that may begin, so that they
 * hardly delay the start.
 */
class Schedule<Case extends RunnableCase, Target extends RunningTarget> {
  readonly #driver: Driver<Case, Target>;
  readonly #start: StartingTarget<Case, Target>;
  readonly #options: EngineOptions<Case>;
  readonly #surveyed: Promise<void>;
  readonly #results = new Map<string, CaseResult>();
  /** Failures that are not final, because the cases may run again alone. */
  readonly #pending = new Map<string, CaseResult>();
  readonly #timedOut = new Set<string>();
  /** Ids of the cases with a failure that counts. */
  readonly #failing = new Set<string>();
  readonly #noTarget = new AbortController();
  readonly #signal: AbortSignal;
  #phase: TargetPhase = 'starting';
  /** The current round of a repeated run, from 1. */
  #round = 1;
  /** Number of cases that exceeded their time limit, minus the number of those that did not. */
  #timeouts = 0;
  /** The reason why no further case begins. */
  stopped: string | undefined;

  constructor(
    driver: Driver<Case, Target>,
    start: StartingTarget<Case, Target>,
    options: EngineOptions<Case>,
  ) {
    this.#driver = driver;
    this.#start = start;
    this.#options = options;
    this.#surveyed = this.#follow(start);
    // Lanes that wait for the survey handle its rejection.
    this.#surveyed.catch(() => {});
    this.#signal = AbortSignal.any([options.signal, this.#noTarget.signal]);
    setMaxListeners(0, this.#signal);
  }

  /**
   * Runs all cases and returns their results in the order of the cases.
   * @throws TargetError, RunnerError if the target never became ready. All cases that had begun have ended by then.
   */
  async run(): Promise<readonly CaseResult[]> {
    const { cases, repeat = 1 } = this.#options;
    for (; this.#round <= repeat; this.#round += 1) await this.#runRound();
    const results = cases.flatMap(({ id }) => this.#results.get(id) ?? []);
    return this.#driver.explain?.(results) ?? results;
  }

  async #runRound(): Promise<void> {
    const { cases, concurrency, first: preferred = new Set() } = this.#options;
    const arranged = this.#driver.arrange(cases);
    const ordered = [
      ...arranged.filter(({ id }) => preferred.has(id)),
      ...arranged.filter(({ id }) => !preferred.has(id)),
    ];
    const together = ordered.filter(({ alone }) => !alone);
    const queue = new CaseQueue(together);
    const first = this.#lane(queue, true);
    await this.#start.ready.catch(async (error: unknown) => {
      this.#noTarget.abort(error);
      await Promise.allSettled([first]);
      throw error;
    });
    const others = Array.from({ length: Math.min(concurrency, together.length) - 1 }, (_, index) =>
      this.#lane(queue, index + 1 < launchLanes),
    );
    await Promise.all([first, ...others]);
    await this.#tryAlone(together);
    await this.#lane(new CaseQueue(ordered.filter(({ alone }) => alone)), true);
  }

  /**
   * Runs cases until none is left. A few lanes take cases that start processes first, so that these slow cases neither
   * come last nor delay the others.
   */
  async #lane(queue: CaseQueue<Case>, launchingFirst: boolean): Promise<void> {
    const mayBegin = (testCase: Case) => this.#driver.mayBegin(testCase, this.#phase);
    while (!queue.isEmpty) {
      const next = queue.take(mayBegin, launchingFirst);
      if (next !== undefined) {
        if (this.#driver.applies?.(next) ?? true) this.#receive(next, await this.#resultOf(next));
      } else await (this.#phase === 'starting' ? this.#start.ready : this.#surveyed);
    }
  }

  /** Keeps a failure that the other cases may have caused for later, and notes any other result. */
  #receive(testCase: Case, result: CaseResult): void {
    const { kind } = result.outcome;
    const waits = this.#runsAgain && !testCase.alone && (kind === 'failed' || kind === 'blocked');
    if (waits) this.#pending.set(testCase.id, result);
    else this.#note(result);
  }

  /** Whether failed cases run again alone. Repeated cases and runs that stop at a failure have their own rules. */
  get #runsAgain(): boolean {
    const { concurrency, repeat = 1, bail, rerunAlone = true } = this.#options;
    const isPlain = repeat === 1 && bail === undefined && rerunAlone;
    return this.#driver.independence !== undefined && concurrency > 1 && isPlain;
  }

  /** Runs failed cases again, one by one, to tell their own failures from those that other cases caused. */
  async #tryAlone(cases: readonly Case[]): Promise<void> {
    const { independence, survival } = this.#driver;
    const resultOf = (id: string) => this.#results.get(id) ?? this.#pending.get(id);
    const known = this.#options.knownFailures;
    const again = cases.filter(({ id }) => {
      const result = this.#pending.get(id);
      return result !== undefined && !known.has(id) && mayDependOnOthers(result, resultOf);
    });
    const ranAlone = new Set<string>();
    this.#timedOut.clear();
    for (const testCase of again.length > maxAlone ? [] : again) {
      if (this.stopped !== undefined || this.#timedOut.size >= maxAloneTimeouts) break;
      const beside = this.#pending.get(testCase.id);
      const alone = await this.#resultOf(testCase);
      if (beside === undefined || independence === undefined) continue;
      // The case did not run alone, so its first result stands.
      if (alone.outcome.kind === 'not-run') continue;
      ranAlone.add(testCase.id);
      this.#pending.set(testCase.id, settle(beside, alone, independence));
    }
    for (const [id, result] of this.#pending) {
      const isUnproven = result.targetExited !== undefined && !ranAlone.has(id);
      if (isUnproven && survival !== undefined) this.#pending.set(id, blockedByExit(result, survival));
    }
    const results = cases.flatMap(({ id }) => resultOf(id) ?? []);
    for (const result of this.#driver.explain?.(results) ?? results) {
      if (this.#pending.has(result.case.id)) this.#note(result);
    }
    this.#pending.clear();
  }

  async #follow({ ready, facts }: StartingTarget<Case, Target>): Promise<void> {
    await ready;
    this.#phase = 'ready';
    await facts;
    this.#phase = 'surveyed';
  }

  async #resultOf(testCase: Case): Promise<CaseResult> {
    if (this.#signal.aborted) this.stopped ??= interruptionOf(this.#signal);
    if (this.stopped !== undefined) return withoutRun(testCase, { kind: 'not-run', reason: this.stopped });
    const reason = this.#driver.reasonNotToRun(testCase);
    if (reason !== undefined) return withoutRun(testCase, reason);
    const adapted = this.#driver.adapt?.(testCase) ?? testCase;
    this.#options.listener.onCaseStart?.(adapted);
    try {
      const target = await this.#driver.acquire(this.#phase);
      if (this.#signal.aborted) this.stopped ??= interruptionOf(this.#signal);
      if (this.stopped === undefined) return await this.#execute(adapted, target);
      target.release?.();
      return withoutRun(testCase, { kind: 'not-run', reason: this.stopped });
    } catch (error) {
      if (!(error instanceof TargetError || error instanceof RunnerError)) throw error;
      this.stopped ??= error.message;
      return withoutRun(testCase, { kind: 'not-run', reason: error.message });
    }
  }

  async #execute(testCase: Case, target: Target): Promise<CaseResult> {
    const { caseTimeoutMs = defaultCaseDeadlineMs, keepWire, keepEvidence = false } = this.#options;
    const { result, timedOut } = await runCase({
      testCase,
      target,
      attempt: (context) => this.#start.attempt(testCase, target, context),
      limitMs: testCase.deadlineMs * (caseTimeoutMs / defaultCaseDeadlineMs),
      keepWire,
      keepEvidence,
      signal: this.#signal,
    });
    if (timedOut) this.#timedOut.add(testCase.id);
    this.#timeouts = Math.max(0, this.#timeouts + (timedOut ? 1 : -1));
    // If the target hangs, every further case would use up its whole time limit.
    if (this.#timeouts >= maxTimeouts) this.stopped ??= 'almost every case exceeded its time limit';
    else if (timedOut && this.#phase !== 'starting') await this.#driver.endIfSilent?.(target);
    return result;
  }

  #note(result: CaseResult): void {
    const { knownFailures, listener, bail = Number.POSITIVE_INFINITY, repeat = 1 } = this.#options;
    const { id, advisory } = result.case;
    const known = knownFailures.get(id);
    const attempt = known === undefined ? result : { ...result, known };
    const whole = repeat === 1 ? attempt : addAttempt(this.#results.get(id), attempt);
    this.#results.set(id, whole);
    if (repeat > 1) listener.onAttemptEnd?.(attempt, this.#round);
    if (this.#round === repeat) listener.onCaseEnd?.(whole);
    const { kind } = result.outcome;
    const counts = kind === 'blocked' || (kind === 'failed' && !advisory);
    if (!counts || known !== undefined) return;
    this.#failing.add(id);
    if (this.#failing.size >= bail) this.stopped ??= bailReason(bail);
  }
}

function bailReason(bail: number): string {
  return bail === 1 ? 'an earlier case failed (--bail)' : `${bail} cases failed (--bail ${bail})`;
}

/** Returns the reason for an interruption as text. A default `AbortError` is not informative. */
function interruptionOf({ reason }: AbortSignal): string {
  return reason instanceof DOMException ? 'interrupted' : errorMessage(reason);
}

function withoutRun(testCase: CaseHead, outcome: CaseOutcome): CaseResult {
  return { case: testCase, outcome, startedAt: Date.now(), durationMs: 0, wire: [], logs: [] };
}
