import type { ExitCode } from '../judge/verdict.ts';
import type { ReportedClauses, Tool } from '../report/report.ts';
import { type Comparison, compareReports } from './compare.ts';
import type { ReadReport } from './reading.ts';
import { summaryOf } from './terminal.ts';

/** One of the two reports of a comparison. */
export interface ComparedReport {
  /** The path of the JSON report, as the user wrote it. */
  readonly file: string;
  readonly report: ReadReport;
}

/** The report of a comparison. */
export interface CompareReport {
  readonly kind: 'compare';
  readonly tool: Tool;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly old: ComparedReport;
  readonly fresh: ComparedReport;
  readonly comparison: Comparison;
  /** The contract of the kit that compares. Undefined if the report is made without it. */
  readonly clauses?: ReportedClauses;
  readonly verdict: CompareVerdict;
}

/** The conclusion of a comparison. */
export interface CompareVerdict {
  /** 1 if a case is newly failing, or added and failing. */
  readonly exitCode: Extract<ExitCode, 0 | 1>;
  readonly sentence: string;
}

/**
 * Compares two reports and judges the changes.
 * @throws ComparisonError if one is a run and the other a matrix
 */
export function makeCompareReport(
  parts: Pick<CompareReport, 'tool' | 'startedAt' | 'old' | 'fresh' | 'clauses'>,
): CompareReport {
  const comparison = compareReports(parts.old.report, parts.fresh.report);
  const sentence = `${comparison.isWorse ? 'new failures' : 'no new failures'}: ${summaryOf(comparison)}`;
  return {
    kind: 'compare',
    ...parts,
    comparison,
    verdict: { exitCode: comparison.isWorse ? 1 : 0, sentence },
  };
}

/** The kinds of changes, worst first. */
export const changeKinds = ['newly failing', 'newly passing', 'new', 'removed', 'other'] as const;

/** The kind of a change, in the words of the reports. */
export type ChangeKind = (typeof changeKinds)[number];

/** Returns all changes with their kinds, worst first. */
export function changesOf(comparison: Comparison) {
  const lists = {
    'newly failing': comparison.newlyFailing,
    'newly passing': comparison.newlyPassing,
    new: comparison.added,
    removed: comparison.removed,
    other: comparison.otherwise,
  };
  return changeKinds.flatMap((kind) => lists[kind].map((change) => ({ kind, change })));
}
