import type { MatrixPage, MatrixReportJson } from './matrix.ts';

/** The page of a check of the proto module. */
export interface ProtoCheckPage {
  readonly kind: 'proto-check';
  /** Version of `html-data.v1.schema.json`. Minor versions may add members. */
  readonly schemaVersion: string;
  /** The report as `--report json=FILE` writes it. */
  readonly report: ProtoCheckReportJson;
  /** The clauses of the contract. Absent if only a JSON report is known. */
  readonly contract?: MatrixPage['contract'];
  /** As on the page of a matrix. Absent if only a JSON report is known, or the suite did not run. */
  readonly provenance?: MatrixPage['provenance'];
  /** As on the page of a matrix. Empty if the suite did not run. */
  readonly evidence: MatrixPage['evidence'];
}

/** The JSON report of a proto check, as `conformance/schemas/proto-check.v1.schema.json` describes it. */
export interface ProtoCheckReportJson {
  readonly schemaVersion: string;
  readonly kind: 'proto-check';
  readonly tool: { readonly name: string; readonly version: string };
  readonly durationMs: number;
  /** The changed module, and the old one. */
  readonly module: string;
  readonly against: string;
  readonly verdict: { readonly exitCode: number; readonly sentence: string };
  readonly lint: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly rule: string;
    readonly message: string;
  }[];
  readonly breaks: readonly BreakJson[];
  readonly vectors: readonly {
    readonly name: string;
    readonly message: string;
    readonly outcome: 'same' | 'json' | 'wire';
    readonly detail: string;
  }[];
  readonly touched: readonly TouchedJson[];
  readonly matrix?: MatrixReportJson;
}

/** A breaking change with its measured effects. */
export interface BreakJson {
  readonly layer: 'wire' | 'json';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly element: string;
  readonly rules: readonly string[];
  readonly message: string;
  readonly clauses: readonly string[];
  readonly vectors: readonly string[];
  readonly implementations: readonly TouchedJson[];
}

/** The outcome for callers of the changed module on one unchanged implementation. */
export interface TouchedJson {
  readonly name: string;
  readonly kind: 'cases' | 'unreachable' | 'unknown';
  readonly reason?: string;
  /** Cases that pass for current callers and fail for callers of the changed module. */
  readonly cases?: readonly string[];
  readonly clauses?: readonly string[];
  /** For each of these cases, why it fails for callers of the changed module. Absent before 1.1. */
  readonly reasons?: readonly string[];
  /** Number of cases that ran. */
  readonly of?: number;
}
