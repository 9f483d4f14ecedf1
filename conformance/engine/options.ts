import type { LogLine } from '../../runners/runner.ts';
import type { CaseHead } from '../case/case.ts';
import type { ListedFailure, RunListener, RunSettings } from './result.ts';

/** Default number of concurrent cases. Enough to keep the kit and the target busy while some cases wait. */
export const defaultConcurrency = 16;

/** Options for a run, for every kind of target. */
export interface EngineOptions<Case extends CaseHead> {
  /** The cases to run, in the order of their files. */
  readonly cases: readonly Case[];
  readonly settings: RunSettings;
  /** Maximum number of concurrent cases. */
  readonly concurrency: number;
  /**
   * Replaces the default time limit of cases, in milliseconds. The limits of cases that set their own are scaled in
   * proportion. Default: 20 000.
   */
  readonly caseTimeoutMs?: number;
  /** Stop after this number of cases with failures that count. Default: never. */
  readonly bail?: number;
  /** Number of times to run each case. Default: 1. */
  readonly repeat?: number;
  /** Whether failed cases run again alone, to tell what other cases caused. Default: true. */
  readonly rerunAlone?: boolean;
  /** Ids of the cases to begin before the others. */
  readonly first?: ReadonlySet<string>;
  /** Also keep the wire events of passing cases. */
  readonly keepWire: boolean;
  /** Gather what each case sent and received, also if it passes. Default: false. */
  readonly keepEvidence?: boolean;
  /** Known failures by case id. */
  readonly knownFailures: ReadonlyMap<string, ListedFailure>;
  /** Ends the run early: the engine aborts and cleans up the running cases, and the result records the reason. */
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

/** Thrown if the target never became ready, so no case could run. `message` and `advice` are one line each. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly code: string;
  readonly advice: string;
  /** Output of the target before it failed to become ready. */
  readonly logs: readonly LogLine[];

  constructor(code: string, message: string, { advice, logs }: Pick<TargetError, 'advice' | 'logs'>) {
    super(message);
    this.code = code;
    this.advice = advice;
    this.logs = logs;
  }
}
