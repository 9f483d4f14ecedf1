import type { LogReader } from '../../runners/runner.ts';
import type { CaseHead, Step } from '../case/case.ts';
import type { WireLog } from '../wire/wire-log.ts';
import type { CaseClock } from './case-clock.ts';
import type { StepFailure } from './failure.ts';
import type { CaseOutcome, TargetFacts } from './result.ts';

/** A case with the steps that a driver carries out. */
export interface RunnableCase extends CaseHead {
  readonly steps: readonly Step[];
}

/** How much is known of the target: nothing while it starts, its capabilities once it is ready, then what it serves. */
export type TargetPhase = 'starting' | 'ready' | 'surveyed';

/** A target that cases run against. */
export interface RunningTarget {
  /** Aborted when the target has ended; the reason is an error that says how. Undefined where nobody can notice. */
  readonly gone: AbortSignal | undefined;
  /** What the target writes, where the kit can read it. */
  readonly logs: LogReader | undefined;
}

/** What the engine gives a case to run with. */
export interface CaseContext {
  readonly log: WireLog;
  /** The time limit of the case: it starts with the steps, and a step may stop it. */
  readonly clock: CaseClock;
  /** Aborted when the case is over, whatever ended it, and when the run ends. */
  readonly signal: AbortSignal;
  /** Called before each step: a failure names the last one. */
  readonly onStep: (step: Step) => void;
}

/** One case under way. Disposing of it releases everything that its steps opened or started. */
export interface CaseAttempt extends AsyncDisposable {
  /**
   * Carries out the steps.
   * @throws StepFailure where the target is at fault, NotCheckableError; any other error means that the kit is
   */
  run(): Promise<void>;
  /** The failure to report when the time limit, in milliseconds, has passed. */
  timeUp(limitMs: number): StepFailure;
  /** Everything that has come from the target so far, for the report of a target that ended. */
  overview?(): unknown;
}

/** A target that is starting. Both promises reject with the same error where it never becomes ready. */
export interface StartingTarget<Case extends RunnableCase, Target extends RunningTarget> {
  readonly ready: Promise<unknown>;
  /** Settles once the target is ready and the driver has found out what it serves. */
  readonly facts: Promise<TargetFacts>;
  /** Prepares an attempt at a case. Nothing happens before its `run`. */
  readonly attempt: (testCase: Case, target: Target, context: CaseContext) => CaseAttempt;
}

/** How the engine drives one kind of target. The engine itself knows no protocol. */
export interface Driver<Case extends RunnableCase, Target extends RunningTarget> {
  /** Begins to start the target. Resolves as soon as cases can be attempted; the target may be starting still. */
  start(): Promise<StartingTarget<Case, Target>>;
  /** The order in which to begin the cases. */
  arrange(cases: readonly Case[]): readonly Case[];
  /** Whether enough is known of the target for the case to begin. */
  mayBegin(testCase: Case, phase: TargetPhase): boolean;
  /** Why the case does not apply to the target; undefined where it does. */
  reasonNotToRun(testCase: Case): Extract<CaseOutcome, { kind: 'skipped' | 'not-declared' }> | undefined;
  /** The target for the next case, started again where it has ended. @throws TargetError, RunnerError where it is lost */
  acquire(phase: TargetPhase): Promise<Target>;
  /** Called after a case has run out of time: ends the target if it does not answer any more. */
  endIfSilent?(target: Target): Promise<void>;
}
