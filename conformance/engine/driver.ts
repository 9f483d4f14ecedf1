import type { LogReader } from '../../runners/runner.ts';
import type { CaseHead, Coverage, Step } from '../case/case.ts';
import type { WireLog } from '../wire/wire-log.ts';
import type { CaseClock } from './case-clock.ts';
import type { OnExchange } from './evidence.ts';
import type { StepFailure } from './failure.ts';
import type { CaseOutcome, CaseResult, TargetFacts } from './result.ts';

/** A case with the steps for a driver to run. */
export interface RunnableCase extends CaseHead {
  readonly steps: readonly Step[];
}

/** Progress of discovery: `starting` (nothing known), `ready` (capabilities known), `surveyed` (catalog known). */
export type TargetPhase = 'starting' | 'ready' | 'surveyed';

/** A target that cases run against. */
export interface RunningTarget {
  /**
   * Aborted when the target has exited, with an error that describes the exit. Undefined if exits cannot be detected.
   */
  readonly gone: AbortSignal | undefined;
  /** Output of the target. Undefined if the kit cannot read it. */
  readonly logs: LogReader | undefined;
  /** Maximum delay between the loss of the target's connections and the notice of its exit, in milliseconds. */
  readonly exitNoticeMs?: number;
  /** Gives up a target that was acquired for a case that does not begin. */
  readonly release?: () => void;
}

/** The objects that the engine provides to a running case. */
export interface CaseContext {
  readonly log: WireLog;
  /** Time limit of the case. It starts with the first step, and a step can pause it. */
  readonly clock: CaseClock;
  /** Aborted when the case ends for any reason, and when the run ends. */
  readonly signal: AbortSignal;
  /** Called before each step, so that a failure can name the step that ran last. */
  readonly onStep: (step: Step) => void;
  /** Called with each comparison. Undefined if the run keeps no evidence. */
  readonly onExchange?: OnExchange;
}

/** One running case. Disposing of it releases everything that its steps opened or started. */
export interface CaseAttempt extends AsyncDisposable {
  /**
   * Runs the steps.
   * @throws StepFailure if the target is at fault, NotCheckableError. Any other error is a defect of the kit.
   */
  run(): Promise<void>;
  /** Returns the failure to report for a case that exceeded its time limit (in milliseconds). */
  timeUp(limitMs: number): StepFailure;
  /** Whether the target had no room for a session, because other cases hold all sessions. */
  readonly lackedRoom?: boolean;
  /** Returns everything received from the target so far, for the report of a target that exited. */
  overview?(): unknown;
}

/** A target that is starting. Both promises reject with the same error if it never becomes ready. */
export interface StartingTarget<Case extends RunnableCase, Target extends RunningTarget> {
  readonly ready: Promise<unknown>;
  /** Settles once the target is ready and the driver has discovered its catalog. */
  readonly facts: Promise<TargetFacts>;
  /** Prepares an attempt at a case. The attempt has no effect before its `run`. */
  readonly attempt: (testCase: Case, target: Target, context: CaseContext) => CaseAttempt;
}

/** Drives one kind of target. The engine itself is protocol-independent. */
export interface Driver<Case extends RunnableCase, Target extends RunningTarget> {
  /** Starts the target. Resolves as soon as cases can be attempted, possibly before the target is ready. */
  start(): Promise<StartingTarget<Case, Target>>;
  /** The case that checks that concurrent calls are independent. Default: failed cases do not run again alone. */
  readonly independence?: Coverage;
  /** The case that checks that the target keeps serving. Default: the exit of the target fails every case that runs. */
  readonly survival?: Coverage;
  /** Returns the cases in the order in which to begin them. */
  arrange(cases: readonly Case[]): readonly Case[];
  /** Returns whether the kit already knows enough about the target to begin the case. */
  mayBegin(testCase: Case, phase: TargetPhase): boolean;
  /** Returns whether the case applies to the release and the eras in which the target is checked. Default: always. */
  applies?(testCase: Case): boolean;
  /** Returns the reason not to run the case, or undefined if it applies to the target. */
  reasonNotToRun(
    testCase: Case,
  ): Extract<CaseOutcome, { kind: 'skipped' | 'not-declared' | 'blocked' }> | undefined;
  /** Returns the results with each failure assigned to its cause, in the same order. Default: unchanged. */
  explain?(results: readonly CaseResult[]): readonly CaseResult[];
  /** Returns the case in the form that runs on this target. Default: unchanged. */
  adapt?(testCase: Case): Case;
  /**
   * Returns the target for the next case. Restarts a target that has exited.
   * @throws TargetError, RunnerError if the target cannot be used any more
   */
  acquire(phase: TargetPhase): Promise<Target>;
  /** Called after a case exceeded its time limit. Ends a target that no longer responds. */
  endIfSilent?(target: Target): Promise<void>;
}
