import type { DifferenceJson, LogLineJson, RunReportJson, WireEventJson } from './report.ts';

/** The page of a run against a runtime or a gateway. */
export interface RunPage {
  readonly kind: 'run';
  /** Version of `html-data.v1.schema.json`. Minor versions may add members. */
  readonly schemaVersion: string;
  /** The report as `--report json=FILE` writes it, but with the wire events and logs of its cases in `evidence`. */
  readonly report: RunReportJson;
  /** The clauses of the contract that judged the run, in its order. Absent if only a JSON report is known. */
  readonly contract?: readonly ContractClause[];
  /** Absent if only a JSON report is known. */
  readonly provenance?: Provenance;
  /** By case id. In the file, it is compressed in an element of its own. */
  readonly evidence: Evidence;
}

/** One rule of the contract. */
export interface ContractClause {
  readonly id: string;
  /** The title of its chapter. */
  readonly section?: string;
  readonly text: string;
}

/** Where and how a run was made. Names no host, no user and no path beyond those in the description of the target. */
export interface Provenance {
  /** Shell command that checks the same target again. */
  readonly command: string;
  /** Shell command that reruns one case, in which `SUITE/CASE` stands for its id. */
  readonly rerun: string;
  readonly machine: {
    /** Operating system and processor architecture, such as `linux` and `x64`. */
    readonly os: string;
    readonly arch: string;
    /** Version of Node.js. */
    readonly node: string;
    readonly cpus: number;
  };
  /** Digest of the image, if the target is an image. */
  readonly digest?: string;
}

/** What the cases sent and received, by case id. */
export type Evidence = Readonly<Record<string, CaseEvidence>>;

/** What a case sent and received, also if it passed. */
export interface CaseEvidence {
  /** Absent if only a JSON report is known. */
  readonly steps?: readonly StepEvidence[];
  readonly wire: readonly WireEventJson[];
  readonly logs: readonly LogLineJson[];
  /** What was left out to keep the page small, one sentence each. */
  readonly cuts?: readonly string[];
}

/** One step of a case. */
export interface StepEvidence {
  readonly verb: string;
  /** Line in the file of the case. */
  readonly line: number;
  /** The item of `forEach` for which the step ran. */
  readonly item?: string;
  /** Clauses that the step checks, if they differ from the main clause of the case. */
  readonly clauses?: readonly string[];
  /** Set if the step only prepares the case: the id of the case that checks this step. */
  readonly setup?: string;
  /** Set if the step did not run. */
  readonly idle?: true;
  /** The argument of the step as written, if it compared nothing. */
  readonly argument?: unknown;
  readonly exchanges?: readonly ExchangeEvidence[];
  /** Number of further comparisons that were left out. */
  readonly exchangesLeftOut?: number;
}

/** One comparison of a step: the request, the expectation and the observation. */
export interface ExchangeEvidence {
  readonly request?: unknown;
  readonly expected?: unknown;
  readonly actual?: unknown;
  readonly differences?: readonly DifferenceJson[];
}
