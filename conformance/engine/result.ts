import type { LogLine } from '../../runners/runner.ts';
import type { CaseHead, Coverage } from '../case/case.ts';
import type { Difference } from '../match/diff.ts';
import type { WireEvent } from '../wire/wire-log.ts';

/** What went wrong in a case: enough to act on without running it again. */
export interface Failure {
  /** One line. */
  readonly summary: string;
  /** `step 3, invoke`, and where it is written. */
  readonly step?: {
    readonly number: number;
    readonly verb: string;
    readonly file: string;
    readonly line: number;
  };
  /** The request of that step, readable. */
  readonly request?: unknown;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly differences: readonly Difference[];
  /** The clauses that the failing step checks, the main one first. The case's other clauses are not violated by this. */
  readonly clauses: readonly string[];
}

export type CaseOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** A preparing step failed, so the case proves nothing. `by` is the case that checks that step. Never green. */
  | { readonly kind: 'blocked'; readonly failure: Failure; readonly by: Coverage }
  /** The engine itself could not carry the case out. Never green. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** It could not be checked on this target. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** It checks a capability that the target does not declare. */
  | { readonly kind: 'not-declared'; readonly capability: string }
  /** The run ended before it (`--bail`, Ctrl-C, the target is gone). */
  | { readonly kind: 'not-run'; readonly reason: string };

export interface CaseResult {
  readonly case: CaseHead;
  readonly outcome: CaseOutcome;
  /** Set where the known-failures file lists the case: then a failure does not count. */
  readonly known?: { readonly reason: string };
  readonly startedAt: number;
  readonly durationMs: number;
  /** Kept for failed cases, and for all with `--verbose`. */
  readonly wire: readonly WireEvent[];
  /** Output of the target, or of the instance concerned, while a case that did not pass ran. */
  readonly logs: readonly LogLine[];
  /** `instance`: of a further instance that the case started. `target`: shared with cases that ran at the same time. */
  readonly logsOf?: 'target' | 'instance';
}

/** What was asked of a run. */
export interface RunSettings {
  /** `gateway`: the target is a gateway, held against the chapter for gateways. */
  readonly level: 'core' | 'strict' | 'gateway';
  /** Capabilities that the target has to declare. */
  readonly capabilities: readonly string[];
  /** Whether `--suite` or `--case` narrowed the run. */
  readonly narrowed: boolean;
  readonly failOnSkip: boolean;
}

/** What the target said about itself before the first case. */
export interface TargetFacts {
  readonly label: string;
  readonly kind: string;
  readonly health?: {
    readonly status: string;
    readonly mode: string;
    readonly version: string;
    readonly capabilities: readonly string[];
  };
  /** From `initialize`, where it answered. */
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly revision?: string;
  /** Why the target could not be asked what it serves; then it counts as serving nothing. */
  readonly surveyProblem?: string;
  /** From launch to the first "ok". */
  readonly readyMs?: number;
}

/** A run that came as far as a ready target. */
export interface RunResult {
  readonly settings: RunSettings;
  readonly target: TargetFacts;
  readonly results: readonly CaseResult[];
  readonly startedAt: number;
  readonly durationMs: number;
  /** Set where the run was cut short, with the reason. */
  readonly interrupted?: string;
}

/** Told while a run goes on; reporters draw from it. */
export interface RunListener {
  onStart?(event: { readonly target: TargetFacts; readonly cases: readonly CaseHead[] }): void;
  onCaseStart?(head: CaseHead): void;
  onCaseEnd?(result: CaseResult): void;
}
