/** The page of faults: implementations with one wrong behaviour each, tried by `npm run prove`. */
export interface FaultsPage {
  readonly kind: 'faults';
  /** Version of `html-data.v1.schema.json`. Minor versions may add members. */
  readonly schemaVersion: string;
  readonly report: FaultsReportJson;
}

/** The JSON report of a fault run. */
export interface FaultsReportJson {
  readonly schemaVersion: string;
  readonly kind: 'faults';
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** The shell command of the run. */
  readonly command: string;
  /** The implementation that the faults change, or `variations` for permitted differences. */
  readonly subject: 'runtime' | 'gateway' | 'variations' | 'go';
  /** `caught`: a case of the clause must fail. `passed`: every case must pass. */
  readonly expects: 'caught' | 'passed';
  /** Number of cases in the suite. */
  readonly cases: number;
  /** Whether each fault ran against the whole suite instead of only the cases of its clause. */
  readonly wholeSuite: boolean;
  readonly verdict: {
    readonly good: boolean;
    /** Totals, one line each. */
    readonly summary: readonly string[];
    /** The reasons that the run failed, one line each. */
    readonly problems: readonly string[];
  };
  /**
   * How precisely the reports name the broken clause. Absent if each fault ran only against the cases of its clause.
   */
  readonly isolation?: FaultIsolation;
  /** Ids of cases that fail without any fault. */
  readonly untouched: readonly string[];
  readonly faults: readonly TriedFault[];
  /** Cases that catch no fault. Absent if not all faults ran. */
  readonly idleCases?: readonly string[];
  /** Clauses that a test cannot observe, with the reason. */
  readonly unobservable: Readonly<Record<string, string>>;
  /** The clauses of the faults. */
  readonly clauses: readonly FaultClause[];
}

/** Scores of the reports on caught faults. */
export interface FaultIsolation {
  /** Number of faults whose first finding names the clause of the fault. */
  readonly right: number;
  /** Number of faults with findings. */
  readonly total: number;
  /** Violated clauses per fault. */
  readonly median: number;
  readonly most: number;
}

/** A clause with its text in the contract. */
export interface FaultClause {
  readonly id: string;
  readonly level: string;
  readonly weight: string;
  readonly text: string;
}

/** A fault, or a permitted variation, with the result of its trial. */
export interface TriedFault {
  readonly name: string;
  readonly clause: string;
  readonly about: string;
  /** Why the trial did not have the expected result. Absent if it had. */
  readonly problem?: 'SURVIVED' | 'MISSED' | 'FALSE ALARM' | 'UNEXPECTED SKIPS';
  /** The cases that failed, in the order of the suite. */
  readonly failed: readonly {
    readonly id: string;
    readonly summary: string;
    /** The clauses that the failing step checks. */
    readonly clauses: readonly string[];
  }[];
  /** Why the target never became ready, which also catches a fault. */
  readonly neverReady?: string;
  /** The clauses that the report of the run declares violated. */
  readonly violated: readonly string[];
  /** The clause of the first finding. */
  readonly firstFinding?: string;
  /** Number of cases that passed, and that were skipped or not declared. */
  readonly passed: number;
  readonly skipped: number;
  readonly durationMs: number;
}
