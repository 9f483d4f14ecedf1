import type { Runner } from '../../runners/runner.ts';
import type { Since } from './release.ts';
import type { RoleName } from './roles.ts';

/** Requirements of a case: items that the target serves, capabilities, and process control by the runner. */
export interface CaseNeeds {
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceTemplates?: readonly string[];
  readonly prompts?: readonly string[];
  /** Members of the server's MCP capabilities, dotted: `resources.subscribe`. */
  readonly serverCapabilities?: readonly string[];
  /** Capabilities of the contract, spelled as in `HealthResponse.capabilities`. */
  readonly capabilities?: readonly string[];
  readonly runner?: readonly RunnerNeed[];
  /** Parts that items of the catalog, or items of the target's own, play in the case. */
  readonly roles?: readonly RoleName[];
}

export type RunnerNeed = Runner['controls'] extends ReadonlySet<infer Control> ? Control : never;

/** `core`, `strict`, the capability that the case checks, or `http` for a runtime that serves HTTP. */
export type CaseLevel = 'core' | 'strict' | 'http' | `capability:${string}`;

/** Returns the capability that a level stands for, or undefined for the other levels. */
export function capabilityOf(level: string): string | undefined {
  return level.startsWith('capability:') ? level.slice('capability:'.length) : undefined;
}

/** Position of a case in its fixture file, for messages. */
export interface SourceLocation {
  /** Path relative to the package, such as `fixtures/cases/sessions.yaml`. */
  readonly file: string;
  readonly line: number;
}

/** The metadata of a case, for both data and code cases. */
export interface CaseHead {
  /** `suite/case`. */
  readonly id: string;
  readonly suite: string;
  readonly title: string;
  /** Clause ids of CONTRACT.md, the main one first. At least one. */
  readonly clauses: readonly string[];
  readonly level: CaseLevel;
  /** The case checks a capability and also a strict clause. It runs only at level `strict`. */
  readonly strictOnly?: boolean;
  /** The main clause is a SHOULD or a MAY, so a failure is reported but does not affect conformance. */
  readonly advisory?: boolean;
  /** Releases of the contract that the case applies to. Undefined for all releases. */
  readonly since?: Since;
  /** MCP revisions that the case applies to. */
  readonly revisions: readonly string[];
  /** A step of a modern case opens a session, so the case runs only on targets that also serve legacy revisions. */
  readonly opensSessions?: true;
  readonly needs: CaseNeeds;
  /** Position in the selection, from 1. Set if the run has only a part of the selection. */
  readonly ordinal?: number;
  /** Ids of the cases that check the setup steps of this case. */
  readonly reliesOn?: readonly string[];
  /** Whether the case must not run concurrently with other cases. */
  readonly alone: boolean;
  /** Time limit of the case in milliseconds, not counting the start of instances. */
  readonly deadlineMs: number;
  readonly note?: string;
  /** Set if the case runs over HTTP beside the same case over gRPC. Its id then ends in `@http`. */
  readonly transport?: 'http';
  readonly source: SourceLocation;
}

/** Default time limit of a case, in milliseconds. */
export const defaultCaseDeadlineMs = 20_000;

/** One step of a case: a verb and its argument, already validated against the fixture schema. */
export interface Step {
  readonly verb: string;
  readonly argument: unknown;
  readonly source: SourceLocation;
  /** The `forEach` item that this step was generated for, on one line. */
  readonly item?: string;
  /** Clauses that the step checks. Default: the main clause of the case. */
  readonly clauses?: readonly string[];
  /** Marks a setup step. If it fails, the case is blocked instead of failed. */
  readonly setup?: Coverage;
  /** Runs the step only with the items of the catalog, or only with items of the target's own. */
  readonly only?: 'catalog' | 'own';
  /** The step does not run, because the target does not serve the items that it needs. */
  readonly leftOut?: boolean;
}

/** The case that checks the operation of a setup step, and the main clause of that case. */
export interface Coverage {
  readonly case: string;
  readonly clause: string;
}

/** A case from a fixture file. */
export interface DataCase extends CaseHead {
  readonly kind: 'data';
  readonly steps: readonly Step[];
}
