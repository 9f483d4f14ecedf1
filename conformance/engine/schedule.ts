import { setMaxListeners } from 'node:events';
import { type Instance, RunnerError } from '../../runners/runner.ts';
import { type DataCase, defaultCaseDeadlineMs } from '../case/case.ts';
import { reasonNotToRun } from '../drivers/runtime/applicability.ts';
import { CaseQueue, type TargetPhase } from '../drivers/runtime/case-queue.ts';
import { LeftSessions } from '../drivers/runtime/left-sessions.ts';
import { runCase } from '../drivers/runtime/run-case.ts';
import type { SharedTarget } from '../drivers/runtime/shared-target.ts';
import type { Survey } from '../drivers/runtime/survey.ts';
import { SchemaSet } from '../match/schema-set.ts';
import { type RunOptions, TargetError } from './options.ts';
import type { CaseOutcome, CaseResult } from './result.ts';

/** So many cases at once begin by starting processes. */
const launchLanes = 2;

/** When so many more cases ran out of time than did not, no further one is started. */
const maxTimeouts = 24;

/** The target that most cases share, as it becomes known. */
export interface ScheduledTarget {
  readonly target: SharedTarget;
  /** Settles when the target is ready. Rejects where it never was. */
  readonly ready: Promise<unknown>;
  /** What it serves, once it is ready. */
  readonly known: Promise<Survey>;
}

/**
 * Carries cases out: side by side, then alone those that ask for it. While the target starts, one lane begins with the
 * cases that start instances of their own; one only, so that it does not hold up the start much.
 */
export class Schedule {
  readonly #options: RunOptions;
  readonly #target: SharedTarget;
  readonly #ready: Promise<void>;
  readonly #known: Promise<void>;
  readonly #schemas = new SchemaSet();
  readonly #results = new Map<string, CaseResult>();
  readonly #left = new LeftSessions();
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  #phase: TargetPhase = 'starting';
  #survey: Survey | undefined;
  /** How many cases ran out of time, less those that did not. */
  #timeouts = 0;
  /** Why no further case is started. */
  stopped: string | undefined;

  constructor(options: RunOptions, { target, ready, known }: ScheduledTarget) {
    this.#options = options;
    this.#target = target;
    this.#ready = ready.then(() => {
      this.#phase = 'ready';
    });
    this.#known = known.then((survey) => {
      this.#survey = survey;
      this.#phase = 'surveyed';
    });
    // Whoever waits for them is told; where nobody does, nothing is lost.
    this.#ready.catch(() => {});
    this.#known.catch(() => {});
    this.#signal = AbortSignal.any([options.signal, this.#over.signal]);
    setMaxListeners(0, this.#signal);
  }

  /**
   * The results, in the order of the cases.
   * @throws TargetError, RunnerError where the target was never ready; what had begun is over then
   */
  async run(): Promise<readonly CaseResult[]> {
    const { cases, concurrency } = this.#options;
    const [alone, beside] = parted(cases, (testCase) => testCase.alone);
    const queue = new CaseQueue(beside);
    const first = this.#lane(queue, true);
    try {
      // The time until the target is there is free for what else has to be done once.
      this.#schemas.prepare(cases.map(({ steps }) => steps));
      await this.#ready;
    } catch (error) {
      this.#over.abort(error);
      await Promise.allSettled([first]);
      throw error;
    }
    const others = Array.from({ length: Math.min(concurrency, beside.length) - 1 }, (_, index) =>
      this.#lane(queue, index + 1 < launchLanes),
    );
    await Promise.all([first, ...others]);
    await this.#lane(new CaseQueue(alone), true);
    return cases.flatMap(({ id }) => this.#results.get(id) ?? []);
  }

  /** Some lanes begin with the cases that start processes, so that those neither come last nor keep the others waiting. */
  async #lane(queue: CaseQueue, launchingFirst: boolean): Promise<void> {
    while (!queue.isEmpty) {
      const next = queue.take(this.#phase, launchingFirst);
      if (next !== undefined) await this.#runOne(next);
      else await (this.#phase === 'starting' ? this.#ready : this.#known);
    }
  }

  async #runOne(testCase: DataCase): Promise<void> {
    const { runner, settings, listener } = this.#options;
    if (this.#signal.aborted) this.stopped ??= 'interrupted';
    if (this.stopped !== undefined)
      return this.#settle(withoutRun(testCase, { kind: 'not-run', reason: this.stopped }));
    const reason = reasonNotToRun(testCase, {
      runner,
      survey: this.#survey,
      declared: new Set(this.#target.health?.capabilities),
      demanded: new Set(settings.capabilities),
    });
    if (reason !== undefined) return this.#settle(withoutRun(testCase, reason));
    listener.onCaseStart?.(testCase);
    this.#settle(await this.#carryOut(testCase));
  }

  async #carryOut(testCase: DataCase): Promise<CaseResult> {
    const { identities, keepWire, readyTimeoutMs, recorder, runner } = this.#options;
    try {
      const target = this.#target;
      const instance = await (this.#phase === 'starting' ? target.launched() : target.acquire());
      const deadlineMs = this.#deadlineOf(testCase);
      const result = await runCase(testCase, {
        runner,
        identities,
        keepWire,
        readyTimeoutMs,
        signal: this.#signal,
        instance,
        ready: this.#ready,
        deadlineMs,
        left: this.#left,
        schemas: this.#schemas,
        recorder:
          recorder && ((stepPath, observation) => recorder({ caseId: testCase.id, stepPath, observation })),
        describeExit: (exit) => target.describeExit(instance, exit),
      });
      await this.#noteSilence(result, { instance, deadlineMs });
      return result;
    } catch (error) {
      if (!(error instanceof TargetError || error instanceof RunnerError)) throw error;
      this.stopped ??= error.message;
      return withoutRun(testCase, { kind: 'not-run', reason: error.message });
    }
  }

  /** A target that hangs would cost every further case its whole time. */
  async #noteSilence(
    { outcome, durationMs }: CaseResult,
    { instance, deadlineMs }: { readonly instance: Instance; readonly deadlineMs: number },
  ): Promise<void> {
    if (outcome.kind !== 'failed' || durationMs < deadlineMs) {
      this.#timeouts = Math.max(0, this.#timeouts - 1);
      return;
    }
    this.#timeouts += 1;
    if (this.#timeouts >= maxTimeouts) {
      this.stopped ??= 'almost no case was over in its time';
    } else if (this.#phase !== 'starting') {
      await this.#target.endIfSilent(instance);
    }
  }

  #deadlineOf(testCase: DataCase): number {
    const { caseTimeoutMs = defaultCaseDeadlineMs } = this.#options;
    return testCase.deadlineMs * (caseTimeoutMs / defaultCaseDeadlineMs);
  }

  #settle(result: CaseResult): void {
    const known = this.#options.knownFailures.get(result.case.id);
    const whole = known === undefined ? result : { ...result, known };
    this.#results.set(result.case.id, whole);
    this.#options.listener.onCaseEnd?.(whole);
    const fails = result.outcome.kind === 'failed' && known === undefined && !result.case.advisory;
    if (this.#options.bail && fails) {
      this.stopped ??= 'an earlier case failed (--bail)';
    }
  }
}

/** Those that pass a test, and the others. */
function parted<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function withoutRun(testCase: DataCase, outcome: CaseOutcome): CaseResult {
  return { case: testCase, outcome, startedAt: Date.now(), durationMs: 0, wire: [], logs: [] };
}
