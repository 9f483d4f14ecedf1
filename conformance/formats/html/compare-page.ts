import type { ReadReport, ReportedCase, ReportedRun } from '../../compare/reading.ts';
import { type CompareReport, changesOf } from '../../compare/report.ts';
import { compareDocument } from '../json/compare.ts';
import type { CaseSides, ComparePage, CompareReportJson } from './data/compare.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { CaseJson } from './data/report.ts';
import { fitCase } from './fit-case.ts';

/** Characters for both sides of all changed cases together. */
const budget = 3_200_000;
/** Maximum size of one side, in characters. */
const maxSide = 60_000;

/** Makes the page of a comparison, with both sides of each changed case. */
export function comparePage(report: CompareReport): ComparePage {
  const { old, fresh, comparison, clauses } = report;
  const changed = changesOf(comparison).flatMap(({ change: { implementation, subject } }) => {
    const before = runIn(old.report, implementation)?.cases.get(subject);
    const after = runIn(fresh.report, implementation)?.cases.get(subject);
    return before === undefined && after === undefined
      ? []
      : [{ implementation, id: subject, before, after }];
  });
  const limit = Math.min(maxSide, budget / Math.max(1, 2 * changed.length));
  const side = (each: ReportedCase | undefined) =>
    each && fitCase({ document: each.document as CaseJson }, limit).document;
  const sides = changed.map(({ before, after, ...head }): CaseSides => {
    return { ...head, before: side(before), after: side(after) };
  });
  const named = new Set(changed.flatMap(({ before, after }) => (after ?? before)?.clauses ?? []));
  return {
    kind: 'compare',
    schemaVersion: pageSchemaVersion,
    report: compareDocument(report) as CompareReportJson,
    contract: [...(clauses?.values() ?? [])]
      .filter(({ id }) => named.has(id))
      .map(({ id, section, text }) => ({ id, section, text })),
    sides,
  };
}

function runIn(report: ReadReport, implementation: string | undefined): ReportedRun | undefined {
  if (report.kind === 'run') return report.run;
  return implementation === undefined ? undefined : report.runs.get(implementation);
}
