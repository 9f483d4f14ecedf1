import type { LogLine, Runner } from '../../runners/runner.ts';
import type { DataCase } from '../case/case.ts';
import type { Identities } from '../drivers/runtime/request.ts';
import type { StepPath } from '../drivers/runtime/scope.ts';
import type { RunListener, RunSettings } from './result.ts';

/** Cases side by side where nobody says otherwise: enough to keep kit and target busy while some cases wait. */
export const defaultConcurrency = 16;

/** What a run needs to know. */
export interface RunOptions {
  readonly runner: Runner;
  /** The cases to run, in the order of their files. */
  readonly cases: readonly DataCase[];
  /** Claims by the name that cases use for them. */
  readonly identities: Identities;
  readonly settings: RunSettings;
  /** How many cases run side by side. */
  readonly concurrency: number;
  /**
   * Takes the place of the default deadline of cases, in milliseconds. Cases that name more or less than that default
   * get more or less time in the same proportion. Default: 20 000.
   */
  readonly caseTimeoutMs?: number;
  /** From launch to the first "ok", in milliseconds. */
  readonly readyTimeoutMs: number;
  /** Stop after the first failure that counts. */
  readonly bail: boolean;
  /** Keep the wire events of passing cases too. */
  readonly keepWire: boolean;
  /** Reasons by case id. */
  readonly knownFailures: ReadonlyMap<string, { readonly reason: string }>;
  /** Ends the run early: what is under way is stopped and cleaned up, and the result says so. */
  readonly signal: AbortSignal;
  readonly listener: RunListener;
  /** Told what each step of a case saw; then nothing is compared (`npm run prove -- record`). */
  readonly recorder?: (seen: StepObservation) => void;
}

/** What a step of a case saw. */
export interface StepObservation {
  readonly caseId: string;
  readonly stepPath: StepPath;
  readonly observation: unknown;
}

/** The target never became ready, so nothing could be checked. `message` and `advice` are one line each. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly code: string;
  readonly advice: string;
  /** What the target wrote until then. */
  readonly logs: readonly LogLine[];

  constructor(
    code: string,
    message: string,
    more: { readonly advice: string; readonly logs: readonly LogLine[] },
  ) {
    super(message);
    this.code = code;
    this.advice = more.advice;
    this.logs = more.logs;
  }
}
