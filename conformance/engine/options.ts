import type { LogLine } from '../../runners/runner.ts';
import type { CaseHead } from '../case/case.ts';
import type { RunListener, RunSettings } from './result.ts';

/** The default number of cases side by side: enough to keep kit and target busy while some cases wait. */
export const defaultConcurrency = 16;

/** What every run needs to know, whatever its target is. */
export interface EngineOptions<Case extends CaseHead> {
  /** The cases to run, in the order of their files. */
  readonly cases: readonly Case[];
  readonly settings: RunSettings;
  /** How many cases run side by side. */
  readonly concurrency: number;
  /**
   * Replaces the default time limit of cases, in milliseconds. Cases that name more or less than that default get more
   * or less time in the same proportion. Default: 20 000.
   */
  readonly caseTimeoutMs?: number;
  /** Stop after the first failure that counts. */
  readonly bail: boolean;
  /** Keep the wire events of passing cases too. */
  readonly keepWire: boolean;
  /** Reasons by case id. */
  readonly knownFailures: ReadonlyMap<string, { readonly reason: string }>;
  /** Ends the run early: the engine stops and cleans up the cases in flight, and the result says why. */
  readonly signal: AbortSignal;
  readonly listener: RunListener;
}

/** The target never became ready, so nothing could be checked. `message` and `advice` are one line each. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly code: string;
  readonly advice: string;
  /** What the target wrote until then. */
  readonly logs: readonly LogLine[];

  constructor(code: string, message: string, { advice, logs }: Pick<TargetError, 'advice' | 'logs'>) {
    super(message);
    this.code = code;
    this.advice = advice;
    this.logs = logs;
  }
}
