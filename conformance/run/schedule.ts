import { type Instance, RunnerError } from '../../runners/runner.ts';
import type { DataCase } from '../case/case.ts';
import { SchemaSet } from '../match/schema-set.ts';
import type { CaseOutcome, CaseResult } from '../verdict/result.ts';
import { reasonNotToRun } from './applicability.ts';
import { launches, longestFirst } from './case-order.ts';
import { type RunOptions, TargetError } from './options.ts';
import { runCase } from './run-case.ts';
import type { SharedTarget } from './shared-target.ts';
import type { Survey } from './survey.ts';

/** The deadline that a case has unless it or the caller says otherwise, in milliseconds. */
const defaultCaseDeadlineMs = 20_000;

/** So many cases at once begin by starting processes. */
const launchLanes = 3;

/** When so many more cases ran out of time than did not, no further one is started. */
const mostTimeouts = 24;

/** A target that is ready, and what it serves. */
interface Ready {
  readonly target: SharedTarget;
  readonly known: Survey;
}

/** Carries cases out: side by side, then alone those that ask for it. */
export class Schedule {
  readonly #options: RunOptions;
  readonly #ready: Ready;
  readonly #schemas = new SchemaSet();
  readonly #results = new Map<string, CaseResult>();
  /** How many cases ran out of time, less those that did not. */
  #timeouts = 0;
  /** Why no further case is started. */
  stopped: string | undefined;

  constructor(options: RunOptions, ready: Ready) {
    this.#options = options;
    this.#ready = ready;
  }

  /** The results, in the order of the cases. */
  async run(): Promise<readonly CaseResult[]> {
    const { cases, concurrency } = this.#options;
    const [alone, beside] = parted(cases, (testCase) => testCase.alone);
    await this.#runAll(beside, concurrency);
    await this.#runAll(alone, 1);
    return cases.flatMap(({ id }) => this.#results.get(id) ?? []);
  }

  /** Some lanes begin with the cases that start processes, so that those neither come last nor keep the others waiting. */
  async #runAll(cases: readonly DataCase[], concurrency: number): Promise<void> {
    const [launching, others] = parted(longestFirst(cases), launches);
    const queues = [launching.values(), others.values()];
    const lane = async (_: unknown, number: number): Promise<void> => {
      const order = number < launchLanes ? queues : queues.toReversed();
      for (const queue of order) for (const testCase of queue) await this.#runOne(testCase);
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, cases.length) }, lane));
  }

  async #runOne(testCase: DataCase): Promise<void> {
    const { runner, settings, listener, signal } = this.#options;
    if (signal.aborted) this.stopped ??= 'interrupted';
    if (this.stopped !== undefined)
      return this.#settle(withoutRun(testCase, { kind: 'not-run', reason: this.stopped }));
    const reason = reasonNotToRun(testCase, {
      runner,
      survey: this.#ready.known,
      declared: new Set(this.#ready.target.health?.capabilities),
      demanded: new Set(settings.capabilities),
    });
    if (reason !== undefined) return this.#settle(withoutRun(testCase, reason));
    listener.onCaseStart?.(testCase);
    this.#settle(await this.#carryOut(testCase));
  }

  async #carryOut(testCase: DataCase): Promise<CaseResult> {
    const { identities, keepWire, readyTimeoutMs, recorder, runner, signal } = this.#options;
    try {
      const { target } = this.#ready;
      const instance = await target.acquire();
      const deadlineMs = this.#deadlineOf(testCase);
      const result = await runCase(testCase, {
        runner,
        identities,
        keepWire,
        readyTimeoutMs,
        signal,
        instance,
        deadlineMs,
        schemas: this.#schemas,
        recorder:
          recorder && ((stepPath, observation) => recorder({ caseId: testCase.id, stepPath, observation })),
        tellEnd: (exit) => target.tellEnd(instance, exit),
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
    if (this.#timeouts >= mostTimeouts) {
      this.stopped ??= 'almost no case was over in its time';
    } else {
      await this.#ready.target.endIfSilent(instance);
    }
  }

  #deadlineOf(testCase: DataCase): number {
    const { caseTimeoutMs } = this.#options;
    const isDefault = testCase.deadlineMs === defaultCaseDeadlineMs;
    return isDefault && caseTimeoutMs !== undefined ? caseTimeoutMs : testCase.deadlineMs;
  }

  #settle(result: CaseResult): void {
    const known = this.#options.knownFailures.get(result.case.id) ?? adviceOn(result);
    const whole = known === undefined ? result : { ...result, known };
    this.#results.set(result.case.id, whole);
    this.#options.listener.onCaseEnd?.(whole);
    if (this.#options.bail && result.outcome.kind === 'failed' && known === undefined) {
      this.stopped ??= 'an earlier case failed (--bail)';
    }
  }
}

/** Why a failure of a case does not count that checks a SHOULD (RFC 2119). */
function adviceOn({ case: head, outcome }: CaseResult): CaseResult['known'] {
  if (!head.advisory || outcome.kind !== 'failed') return undefined;
  return { reason: `${head.clauses[0]} is advice (SHOULD): it does not decide on conformance` };
}

/** Those that pass a test, and the others. */
function parted<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

function withoutRun(testCase: DataCase, outcome: CaseOutcome): CaseResult {
  return { case: testCase, outcome, startedAt: Date.now(), durationMs: 0, wire: [], logs: [] };
}
