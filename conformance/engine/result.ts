import type { ImageFacts, LogLine } from '../../runners/runner.ts';
import type { CaseHead, Coverage } from '../case/case.ts';
import type { Era, EraChoice } from '../case/era.ts';
import type { ContractRelease } from '../case/release.ts';
import type { RoleName } from '../case/roles.ts';
import type { TransportChoice } from '../case/transport.ts';
import type { Difference } from '../match/diff.ts';
import type { WireEvent } from '../wire/wire-log.ts';
import type { CaseEvidence } from './evidence.ts';

/** The description of a failed step, detailed enough to act on without rerunning the case. */
export interface Failure {
  /** The difference on one line. */
  readonly summary: string;
  /** Number, verb and position of the step. */
  readonly step?: {
    readonly number: number;
    readonly verb: string;
    readonly file: string;
    readonly line: number;
  };
  /** The request of that step in readable form. */
  readonly request?: unknown;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly differences: readonly Difference[];
  /** The ids of the cases whose calls show the difference. Undefined if only the calls of the failed case show it. */
  readonly seenIn?: readonly string[];
  /** Set if a step of the case itself failed, and another case explains the failure. */
  readonly isExplained?: true | undefined;
  /**
   * Clauses that the failing step checks, the main one first. The failure does not violate other clauses of the case.
   */
  readonly clauses: readonly string[];
}

export type CaseOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /**
   * A setup step failed, another failed case explains the failure, or the case failed beside other cases and passes
   * alone. So it proves nothing. `by` is the case that checks that step, that explains the failure, or that checks that
   * concurrent calls are independent. Never green.
   */
  | {
      readonly kind: 'blocked';
      readonly failure: Failure;
      readonly by: Coverage;
      readonly passesAlone?: true;
    }
  /** The kit could not run the case because of a defect in the kit or the fixture. Never green. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** The case needs something that the target or the runner does not offer. */
  | {
      readonly kind: 'skipped';
      readonly reason: string;
      readonly notServed?: ServedItem;
      /** The part that an own item could play, if the configuration named one. */
      readonly role?: RoleName;
    }
  /** The case checks a capability of the contract or of MCP that the target does not declare. */
  | {
      readonly kind: 'not-declared';
      readonly capability: string;
      /** Why the case needs the capability, if that is not evident. */
      readonly reason?: string;
    }
  /** The run ended before the case began: `--bail`, Ctrl-C, or a lost target. */
  | { readonly kind: 'not-run'; readonly reason: string };

/** An item of the catalog that a case needs and the target does not serve. */
export interface ServedItem {
  readonly kind: ServedKind;
  readonly name: string;
}

/** The kinds of items in a catalog. */
export type ServedKind = 'tool' | 'resource' | 'resource template' | 'prompt' | 'MCP capability';

/** The outcomes of the attempts at one case. Attempts that did not run are not counted. */
export interface Attempts {
  readonly passed: number;
  /** Attempts that failed, were blocked or were broken. */
  readonly failed: number;
}

/** An entry of the known-failures file. */
export interface ListedFailure {
  readonly reason: string;
  /** The case may also pass. Without this member, the entry is stale if the case passes. */
  readonly mayFail?: boolean;
}

export interface CaseResult {
  readonly case: CaseHead;
  /** The outcome of a repeated case is that of its first failed attempt, or of its first attempt if none failed. */
  readonly outcome: CaseOutcome;
  /** Set if the case was repeated and at least one attempt passed or failed. */
  readonly attempts?: Attempts;
  /** Set if the known-failures file lists the case. A failure then does not count. */
  readonly known?: ListedFailure;
  readonly startedAt: number;
  readonly durationMs: number;
  /** Kept for failed cases. With `--verbose`, kept for all cases. */
  readonly wire: readonly WireEvent[];
  /** Output of the target, or of a further instance, while the case ran. Empty for passed cases. */
  readonly logs: readonly LogLine[];
  /** Source of `logs`. `instance`: another instance that the case started. `target`: shared with concurrent cases. */
  readonly logsOf?: 'target' | 'instance';
  /** Set if the run keeps evidence and the case ran. */
  readonly evidence?: CaseEvidence;
  /** Set if the target had no room for a session of this case, because other cases held all sessions. */
  readonly lackedRoom?: true;
  /** Set if the case ended because the target exited: how it exited. */
  readonly targetExited?: string;
}

/** A part of a run. The parts 1 to `of` are disjoint, and together they are the whole run. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  /** Number of parts, at least 2. */
  readonly of: number;
  /** Number of cases in all parts together. */
  readonly total: number;
}

/** The settings of a run. */
export interface RunSettings {
  readonly level: 'core' | 'strict';
  /** The release of the contract to check against. Default: the one that the target declares. */
  readonly contract?: ContractRelease;
  /** The eras of MCP to check. Default: those that the target declares. */
  readonly era?: EraChoice;
  /** Capabilities that the target is required to declare. */
  readonly capabilities: readonly string[];
  /** Whether `--suite` or `--case` narrowed the run. */
  readonly narrowed: boolean;
  readonly failOnSkip: boolean;
  /** The protocols over which the cases ran. Default: gRPC. */
  readonly transport?: TransportChoice;
  /** Number of times to run each case, if more than once. */
  readonly repeat?: number;
  /** Set if the run has only a part of the selected cases. It then makes no claim about the whole. */
  readonly shard?: Shard;
}

/** The release of the contract that a target is checked against. */
export interface ContractFacts {
  readonly release: ContractRelease;
  /** `requested`: by `--contract`. `detected`: from the declaration of the target. `default`: the newest release. */
  readonly origin: 'requested' | 'detected' | 'default';
  /** Whether `initialize` creates sessions. Undefined for gateways. */
  readonly hasSessions?: boolean;
  /** Number of selected cases that do not apply to this release. */
  readonly leftOut: number;
}

/** The eras of MCP in which a target is checked. */
export interface EraFacts {
  readonly checked: readonly Era[];
  /** `requested`: by `--era`. `declared`: from the capabilities of the target. `default`: both. */
  readonly origin: 'requested' | 'declared' | 'default';
  /** Number of selected cases that do not apply to these eras. */
  readonly leftOut: number;
}

/** Properties of the target, discovered before the first case. */
export interface TargetFacts {
  readonly label: string;
  readonly kind: string;
  /** The container image, if the target is one. */
  readonly image?: ImageFacts;
  readonly contract?: ContractFacts;
  readonly eras?: EraFacts;
  readonly health?: {
    readonly status: string;
    readonly mode: string;
    readonly version: string;
    readonly capabilities: readonly string[];
  };
  /** `serverInfo` in the result of `initialize`, if the request succeeded. */
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly revision?: string;
  /** The reason if the catalog could not be discovered. The catalog then counts as empty. */
  readonly surveyProblem?: string;
  /** Milliseconds from launch to the first "ok" of `HealthCheck`. */
  readonly readyMs?: number;
}

/** The result of a run whose target became ready. */
export interface RunResult {
  readonly settings: RunSettings;
  readonly target: TargetFacts;
  readonly results: readonly CaseResult[];
  readonly startedAt: number;
  readonly durationMs: number;
  /** The reason if the run stopped early. */
  readonly interrupted?: string;
}

/** Receives the events of a run. Reporters implement it. */
export interface RunListener {
  onStart?(event: { readonly target: TargetFacts; readonly cases: readonly CaseHead[] }): void;
  onCaseStart?(head: CaseHead): void;
  /** Called when an attempt at a case has ended, if the cases are repeated. `round` counts from 1. */
  onAttemptEnd?(result: CaseResult, round: number): void;
  onCaseEnd?(result: CaseResult): void;
}
