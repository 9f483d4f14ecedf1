// The JSON report of a run, as `conformance/schemas/report.v1.schema.json` describes it. Pages can also be made from
// reports of earlier kits, so members that later versions added are optional.

/** The report of one run: a verdict with its cases, or an error if the target could not be tested. */
export interface RunReportJson {
  readonly schemaVersion: string;
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly settings: SettingsJson;
  readonly target: TargetJson;
  readonly interrupted?: string;
  readonly verdict?: VerdictJson;
  readonly eras?: readonly EraJson[];
  readonly clauses?: readonly ClauseJson[];
  readonly cases?: readonly CaseJson[];
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly advice: string;
    readonly logs: readonly LogLineJson[];
  };
}

export interface SettingsJson {
  readonly level: string;
  readonly contract?: string;
  readonly era?: string;
  readonly transport?: string;
  readonly capabilities: readonly string[];
  readonly narrowed: boolean;
  readonly failOnSkip: boolean;
  readonly repeat?: number;
  readonly seed?: number | string;
}

export interface TargetJson {
  readonly label: string;
  readonly kind: string;
  readonly image?: { readonly id: string; readonly digest?: string; readonly sizeBytes: number };
  readonly contract?: { readonly release: string; readonly origin: string; readonly leftOut: number };
  readonly eras?: {
    readonly checked: readonly string[];
    readonly origin: string;
    readonly leftOut: number;
  };
  readonly health?: {
    readonly status: string;
    readonly mode: string;
    readonly version: string;
    readonly capabilities: readonly string[];
  };
  readonly serverInfo?: { readonly name: string; readonly version: string };
  readonly revision?: string;
  readonly surveyProblem?: string;
  readonly readyMs?: number;
}

export interface VerdictJson {
  readonly conformant: boolean;
  readonly exitCode: number;
  readonly sentence: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings?: readonly FindingJson[];
  readonly uncovered: readonly {
    readonly reason: string;
    readonly cases: readonly string[];
    readonly configuration?: string;
  }[];
  readonly notDeclared: readonly { readonly capability: string; readonly cases: readonly string[] }[];
  readonly missingCapabilities: readonly string[];
  readonly known: readonly { readonly case: string; readonly reason: string }[];
  readonly advice?: readonly { readonly case: string; readonly clause: string; readonly summary: string }[];
  readonly stale: readonly string[];
}

export interface FindingJson {
  readonly clause: string;
  readonly alsoViolated?: readonly string[];
  readonly verb?: string;
  readonly summary: string;
  readonly cases: readonly string[];
  readonly blocked: readonly string[];
  readonly passesAlone?: boolean;
  readonly unstable?: AttemptsJson;
}

export interface AttemptsJson {
  readonly passed: number;
  readonly failed: number;
}

export interface EraJson {
  readonly era: string;
  readonly cases: { readonly total: number; readonly passed: number; readonly failing: number };
  readonly clauses: {
    readonly checked: number;
    readonly held: number;
    readonly violated: readonly string[];
  };
}

export interface ClauseJson {
  readonly clause: string;
  readonly level: string;
  readonly weight: string;
  readonly standing: string;
  readonly cases: readonly string[];
}

export interface CaseJson {
  readonly id: string;
  readonly suite: string;
  readonly title: string;
  readonly clauses: readonly string[];
  readonly level: string;
  readonly revisions: readonly string[];
  readonly source: { readonly file: string; readonly line: number };
  readonly outcome: OutcomeJson;
  readonly advisory?: boolean;
  readonly knownFailure?: { readonly reason: string; readonly mayFail?: boolean };
  readonly attempts?: AttemptsJson;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly rerun?: string;
  readonly wire: readonly WireEventJson[];
  readonly logs: readonly LogLineJson[];
  readonly evidenceLeftOut?: boolean;
}

export type OutcomeJson =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly failure: FailureJson }
  | {
      readonly kind: 'blocked';
      readonly failure: FailureJson;
      readonly by: { readonly case: string; readonly clause: string };
      readonly passesAlone?: boolean;
    }
  | { readonly kind: 'not-declared'; readonly capability: string; readonly reason?: string }
  | { readonly kind: 'broken' | 'skipped' | 'not-run'; readonly reason: string };

export interface FailureJson {
  readonly summary: string;
  readonly step?: {
    readonly number: number;
    readonly verb: string;
    readonly file: string;
    readonly line: number;
  };
  readonly clauses?: readonly string[];
  readonly request?: unknown;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly differences: readonly DifferenceJson[];
  readonly differencesLeftOut?: number;
}

export interface DifferenceJson {
  /** JSON pointer. */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

export interface WireEventJson {
  /** Milliseconds since the start of the case. */
  readonly at: number;
  readonly call: string;
  readonly direction: 'sent' | 'received' | 'local';
  readonly text: string;
}

export interface LogLineJson {
  /** ISO 8601, in UTC. */
  readonly at: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}
