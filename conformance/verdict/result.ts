import type { LogLine } from '../../runners/runner.ts';
import type { CaseHead } from '../case/case.ts';

/** Something that happened on the wire during a case. */
export interface WireEvent {
  /** Milliseconds since the start of the case. */
  readonly at: number;
  /** `main#1`: the connection's name and the call's number on it; the connection's name alone for its own events. */
  readonly call: string;
  readonly direction: 'sent' | 'received' | 'local';
  /** One line: `HEADERS :status 200`, `MESSAGE McpResponse 200 {…}`, `TRAILERS grpc-status 0`, `RST_STREAM CANCEL`. */
  readonly text: string;
}

/** One place at which what came differs from what was expected. */
export interface Difference {
  /** JSON pointer into the observation, such as `/message/result`. */
  readonly path: string;
  /** The expectation, in words or as JSON. */
  readonly expected: string;
  /** What was there, as JSON; "nothing" where there was none. */
  readonly actual: string;
}

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
}

export type CaseOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failure: Failure }
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
  /** What the target logged while a failed case ran. */
  readonly logs: readonly LogLine[];
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

/** Exit codes: 0 conformant, 1 not conformant, 2 usage or fixture error, 3 the target could not be tested. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface Verdict {
  /** Whether `sentence` claims the level. Never so for a narrowed run, though that may be green. */
  readonly conformant: boolean;
  readonly exitCode: ExitCode;
  /** One sentence: `conformant at strict: 182 of 182 cases passed`. */
  readonly sentence: string;
  readonly counts: {
    readonly total: number;
    readonly passed: number;
    /** Failures that count: known ones are in `knownFailures` alone, those of advice in `advice`. */
    readonly failed: number;
    readonly broken: number;
    readonly skipped: number;
    readonly notDeclared: number;
    readonly notRun: number;
    readonly knownFailures: number;
    readonly advice: number;
  };
  /** What was not covered and why, grouped by reason. */
  readonly uncovered: readonly { readonly reason: string; readonly cases: readonly string[] }[];
  /** Cases of capabilities that the target does not declare, by capability. They are no gap: nothing was promised. */
  readonly notDeclared: readonly { readonly capability: string; readonly cases: readonly string[] }[];
  /** Capabilities that were demanded and that the target does not declare. Each is a failure. */
  readonly missingCapabilities: readonly string[];
  /** Failures that do not count, because the known-failures file lists them. */
  readonly known: readonly { readonly case: string; readonly reason: string }[];
  /** Failures that do not count, because the case checks advice: its main clause is a SHOULD (RFC 2119). */
  readonly advice: readonly { readonly case: string; readonly clause: string; readonly summary: string }[];
  /** Cases that the known-failures file lists and that passed. Each is a failure: the entry has to go. */
  readonly stale: readonly string[];
}

/** Told while a run goes on; reporters draw from it. */
export interface RunListener {
  onStart?(event: { readonly target: TargetFacts; readonly cases: readonly CaseHead[] }): void;
  onCaseStart?(head: CaseHead): void;
  onCaseEnd?(result: CaseResult): void;
}
