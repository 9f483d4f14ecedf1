import type { ReadReport, ReportedCase, ReportedRun } from '../../compare/reading.ts';
import { type CompareReport, changesOf } from '../../compare/report.ts';
import { compareDocument } from '../json/compare.ts';
import type { CaseSides, ComparePage, CompareReportJson } from './data/compare.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { CaseJson } from './data/report.ts';
import type { CaseEvidence } from './data/run.ts';
import { FittingCase } from './fit-case.ts';

/** Characters for both sides of all changed cases together, before compression. */
const budget = 6_000_000;
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
  const evidence: Record<string, CaseEvidence> = {};
  const side = (each: ReportedCase | undefined, key: string) => {
    if (each === undefined) return undefined;
    const document = each.document as CaseJson;
    const { wire, logs } = document;
    const shown = new FittingCase({ document, evidence: { wire, logs } }).within(limit);
    evidence[key] = shown.evidence;
    return shown.document;
  };
  const sides = changed.map(({ before, after, ...head }): CaseSides => {
    const { implementation = '', id } = head;
    return {
      ...head,
      before: side(before, `${implementation}/before/${id}`),
      after: side(after, `${implementation}/after/${id}`),
    };
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
    evidence,
  };
}

function runIn(report: ReadReport, implementation: string | undefined): ReportedRun | undefined {
  if (report.kind === 'run') return report.run;
  return implementation === undefined ? undefined : report.runs.get(implementation);
}
