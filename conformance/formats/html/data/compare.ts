import type { CaseJson } from './report.ts';
import type { ContractClause, Evidence } from './run.ts';

/** The page of a comparison of two reports. */
export interface ComparePage {
  readonly kind: 'compare';
  /** Version of `html-data.v1.schema.json`. Minor versions may add members. */
  readonly schemaVersion: string;
  /** The report as `--report json=FILE` writes it. */
  readonly report: CompareReportJson;
  /** The clauses that the changed cases name, from the contract of the kit that compared. */
  readonly contract?: readonly ContractClause[];
  /** The changed cases as the two reports describe them, in the order of the changes. */
  readonly sides?: readonly CaseSides[];
  /**
   * Wire events and logs by the name of the implementation (empty for single runs), `before` or `after`, and the case
   * id, with slashes between them. In the file, it is compressed in an element of its own.
   */
  readonly evidence: Evidence;
}

/** A changed case in both reports. */
export interface CaseSides {
  readonly implementation?: string;
  readonly id: string;
  /** Absent if the old report lacks the case. */
  readonly before?: CaseJson;
  /** Absent if the new report lacks the case. */
  readonly after?: CaseJson;
}

/** The JSON report of a comparison, as `conformance/schemas/compare.v1.schema.json` describes it. */
export interface CompareReportJson {
  readonly schemaVersion: string;
  readonly kind: 'compare';
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly verdict: { readonly exitCode: number; readonly sentence: string };
  readonly old: ComparedSideJson;
  readonly new: ComparedSideJson;
  readonly remarks: readonly string[];
  readonly eras: readonly {
    readonly implementation?: string;
    readonly era: string;
    readonly before?: EraOutcomeJson;
    readonly after?: EraOutcomeJson;
  }[];
  readonly changes: readonly ChangeJson[];
  readonly unchanged: number;
}

/** One of the two reports. */
export interface ComparedSideJson {
  readonly file: string;
  readonly runs: readonly {
    readonly implementation?: string;
    readonly target: string;
    readonly tool: { readonly name: string; readonly version: string };
    readonly startedAt: string;
    readonly level: string;
    readonly narrowed: boolean;
    readonly exitCode: number;
    readonly sentence: string;
    readonly cases: number;
  }[];
}

export interface EraOutcomeJson {
  readonly cases: number;
  readonly passed: number;
  readonly clauses?: { readonly checked: number; readonly held: number };
}

/** A case, a target or a capability with another standing in the new report. */
export interface ChangeJson {
  readonly kind: 'newly failing' | 'newly passing' | 'new' | 'removed' | 'other';
  readonly implementation?: string;
  readonly subject: string;
  readonly clauses: readonly string[];
  readonly before?: string;
  readonly after?: string;
  readonly reason: string;
}
