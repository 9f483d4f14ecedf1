import type { Runner } from '../../runners/runner.ts';

/** An optional surface, process control, or served item that a case cannot do without. */
export interface CaseNeeds {
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceTemplates?: readonly string[];
  readonly prompts?: readonly string[];
  /** Members of the server's MCP capabilities, dotted: `resources.subscribe`. */
  readonly serverCapabilities?: readonly string[];
  /** Capabilities of the contract, as `HealthResponse.capabilities` names them. */
  readonly capabilities?: readonly string[];
  readonly runner?: readonly RunnerNeed[];
}

export type RunnerNeed = Runner['controls'] extends ReadonlySet<infer Control> ? Control : never;

/** `core`, `strict`, the contract capability whose promise is checked, or `gateway` for a case that is held against one. */
export type CaseLevel = 'core' | 'strict' | `capability:${string}` | 'gateway';

/** The name of the capability that a level stands for; undefined for the others. */
export function capabilityOf(level: string): string | undefined {
  return level.startsWith('capability:') ? level.slice('capability:'.length) : undefined;
}

/** Where a case is written, for messages. */
export interface SourceLocation {
  /** Path relative to the package, such as `fixtures/cases/sessions.yaml`. */
  readonly file: string;
  readonly line: number;
}

/** What is known of a case before it runs, whether it is data or code. */
export interface CaseHead {
  /** `suite/case`. */
  readonly id: string;
  readonly suite: string;
  readonly title: string;
  /** Clause ids of CONTRACT.md, the main one first; at least one. */
  readonly clauses: readonly string[];
  readonly level: CaseLevel;
  /** A case of a capability that also checks a strict clause: it belongs to level `strict` alone. */
  readonly strictOnly?: boolean;
  /** Its main clause is a SHOULD or a MAY: a failure is told and does not decide on conformance. */
  readonly advisory?: boolean;
  /** MCP revisions that the case holds for. */
  readonly revisions: readonly string[];
  readonly needs: CaseNeeds;
  /** Nothing else runs beside it. */
  readonly alone: boolean;
  /** Hard limit of the whole case but for the starts of instances, in milliseconds. */
  readonly deadlineMs: number;
  readonly note?: string;
  readonly source: SourceLocation;
}

/** The deadline of a case that names none, in milliseconds. */
export const defaultCaseDeadlineMs = 20_000;

/** A step as written: one verb and its arguments, checked by the schema of fixtures. */
export interface Step {
  readonly verb: string;
  readonly argument: unknown;
  readonly source: SourceLocation;
  /** The item of `forEach` that the step is for, on one line. */
  readonly item?: string;
  /** The clauses that the step checks. Default: the case's main clause. */
  readonly clauses?: readonly string[];
  /** Set on a step that only prepares the case: if it fails, the case is blocked, not failed. */
  readonly setup?: Coverage;
}

/** The case that checks a preparing step itself, and that case's main clause. */
export interface Coverage {
  readonly case: string;
  readonly clause: string;
}

/** A case from a fixture file. */
export interface DataCase extends CaseHead {
  readonly kind: 'data';
  readonly steps: readonly Step[];
}
