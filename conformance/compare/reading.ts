import { type Era, erasOf } from '../case/era.ts';
import type { TransportChoice } from '../case/transport.ts';
import type { Shard } from '../engine/result.ts';
import type { ExitCode } from '../judge/verdict.ts';
import type { Tool } from '../report/report.ts';
import { type Standing, standingOf } from '../report/summary.ts';
import {
  type CaseDocument,
  parseDocument,
  type ReportDocument,
  type RunDocument,
  readDocument,
} from './document.ts';

export { ReportFileError } from './document.ts';

/** A case in a JSON report. */
export interface ReportedCase {
  readonly id: string;
  readonly clauses: readonly string[];
  /** The eras of MCP that the case applies to. */
  readonly eras: readonly Era[];
  readonly standing: Standing;
  /** The reason that the case did not pass, on one line. Empty if it passed. */
  readonly reason: string;
  /** The case as the report describes it, with its failure, wire events and log. */
  readonly document: object;
}

/** The clauses that the cases of an era check. */
export interface ReportedClauses {
  readonly checked: number;
  readonly held: number;
}

/** One implementation in a JSON report. */
export interface ReportedRun {
  /** The kit that judged the run. */
  readonly tool: Tool;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The verdict in one sentence, or the reason that the target could not be tested. */
  readonly sentence: string;
  readonly exitCode: ExitCode;
  readonly label: string;
  readonly level: string;
  readonly transport: TransportChoice;
  readonly narrowed: boolean;
  /** Set if the report has only a part of the cases. */
  readonly shard?: Pick<Shard, 'index' | 'of'>;
  /** The cases by id. Empty if the target could not be tested. */
  readonly cases: ReadonlyMap<string, ReportedCase>;
  readonly missingCapabilities: readonly string[];
  /** The clauses by era. Undefined for reports before 1.4. */
  readonly eras?: ReadonlyMap<Era, ReportedClauses>;
  /** The reason that the target could not be tested. Undefined if it was tested. */
  readonly error?: string;
}

/** A parsed report. A run has a single implementation without a name. */
export type ReadReport =
  | { readonly kind: 'run'; readonly run: ReportedRun }
  | { readonly kind: 'matrix'; readonly runs: ReadonlyMap<string, ReportedRun> };

/**
 * Reads the JSON report of a run or a matrix.
 * @throws ReportFileError if the file cannot be read or is not a report
 */
export async function readReport(file: string): Promise<ReadReport> {
  return reportOf(await readDocument(file));
}

/** @throws ReportFileError */
export function parseReport(text: string, file: string): ReadReport {
  return reportOf(parseDocument(text, file));
}

function reportOf(document: ReportDocument): ReadReport {
  if (document.kind === 'run') return { kind: 'run', run: reportedRun(document.run) };
  const { implementations } = document.matrix;
  return {
    kind: 'matrix',
    runs: new Map(implementations.map(({ name, report }) => [name, reportedRun(report)])),
  };
}

/** Returns the part of a JSON report that comparisons use. */
export function reportedRun(document: RunDocument): ReportedRun {
  const { tool, startedAt, target, settings, shard } = document;
  const { label } = target;
  const { level, transport = 'grpc', narrowed } = settings;
  const head = { tool, startedAt, label, level, transport, narrowed, shard };
  if (document.error !== undefined) {
    const { message } = document.error;
    return {
      ...head,
      sentence: message,
      exitCode: 3,
      cases: new Map(),
      missingCapabilities: [],
      error: message,
    };
  }
  const { verdict, cases, eras } = document;
  return {
    ...head,
    sentence: verdict.sentence,
    exitCode: verdict.exitCode,
    cases: new Map(cases.map((each) => [each.id, caseOf(each)])),
    missingCapabilities: verdict.missingCapabilities,
    eras: eras && new Map(eras.map(({ era, clauses }) => [era, clauses])),
  };
}

function caseOf(document: CaseDocument): ReportedCase {
  const { id, clauses, revisions, outcome, advisory, knownFailure, attempts } = document;
  const standing = standingOf({ case: { advisory }, outcome, known: knownFailure, attempts });
  const reason = (): string => {
    if (standing === 'stale') return 'the case passed but is listed as a known failure';
    if (outcome.kind === 'passed') return '';
    if ('failure' in outcome) return outcome.failure.summary;
    return outcome.kind === 'not-declared' ? `capability ${outcome.capability}` : outcome.reason;
  };
  return { id, clauses, eras: erasOf({ revisions }), standing, reason: reason(), document };
}
