import type { RunReportJson } from './report.ts';
import type { ContractClause, Evidence, Provenance } from './run.ts';

/** The page of a matrix: the same cases on several implementations. */
export interface MatrixPage {
  readonly kind: 'matrix';
  /** Version of `html-data.v1.schema.json`. Minor versions may add members. */
  readonly schemaVersion: string;
  /** The report as `--report json=FILE` writes it, but with the wire events and logs of its cases in `evidence`. */
  readonly report: MatrixReportJson;
  /** The clauses of the contract that judged the runs, in its order. Absent if only a JSON report is known. */
  readonly contract?: readonly ContractClause[];
  /** The provenance of each run, by the name of its implementation. Absent if only a JSON report is known. */
  readonly provenance?: Readonly<Record<string, Provenance>>;
  /**
   * By the name of the implementation, a slash and the case id. In the file, it is compressed in an element of its own.
   */
  readonly evidence: Evidence;
}

/** The JSON report of a matrix, as `conformance/schemas/matrix.v1.schema.json` describes it. */
export interface MatrixReportJson {
  readonly schemaVersion: string;
  readonly kind: 'matrix';
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly level: string;
  readonly verdict: {
    readonly exitCode: number;
    readonly sentence: string;
    readonly green: readonly string[];
    readonly red: readonly string[];
    readonly undecided: readonly string[];
    readonly disagreements: readonly string[];
  };
  readonly clauses: readonly MatrixClauseJson[];
  readonly cases: readonly MatrixCaseJson[];
  readonly disagreements: readonly DisagreementJson[];
  readonly implementations: readonly { readonly name: string; readonly report: RunReportJson }[];
}

/** The standing of one clause by implementation. Implementations that could not be tested are absent. */
export interface MatrixClauseJson {
  readonly clause: string;
  readonly level: string;
  readonly weight: string;
  readonly standings: Readonly<Record<string, string>>;
  /** By era, then by implementation. Absent before 1.2. */
  readonly eras?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The standing of one case by implementation. Implementations that could not be tested are absent. */
export interface MatrixCaseJson {
  readonly id: string;
  readonly clauses: readonly string[];
  /** Absent before 1.2. */
  readonly eras?: readonly string[];
  readonly agreement: 'passed by all' | 'disagreement' | 'failed by all' | 'uneven';
  readonly standings: Readonly<Record<string, string>>;
}

/** The responses of all implementations to one case. */
export interface DisagreementJson {
  readonly case: string;
  readonly answers: readonly {
    readonly implementation: string;
    readonly outcome: string;
    readonly reason: string;
    readonly place?: string;
    readonly received: readonly string[];
  }[];
  readonly differences: readonly {
    readonly path: string;
    readonly expected: string;
    /** By implementation. Implementations with the expected response are absent. */
    readonly actual: Readonly<Record<string, string>>;
  }[];
}
