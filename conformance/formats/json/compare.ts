import type { EraOutcome } from '../../compare/compare.ts';
import type { ReadReport } from '../../compare/reading.ts';
import { type ComparedReport, type CompareReport, changesOf } from '../../compare/report.ts';
import { cut } from '../../text/text.ts';
import { jsonText } from './run.ts';

/** Version of `compare.v1.schema.json`. Minor versions may add members. */
const reportSchemaVersion = '1.0';

const maxReasonLength = 2_000;

/** Renders a comparison as JSON that conforms to `conformance/schemas/compare.v1.schema.json`. Ends in a line feed. */
export function renderCompareJson(report: CompareReport): string {
  return jsonText(compareDocument(report));
}

/** Returns the comparison as a JSON value, for embedding in other reports. */
export function compareDocument({ tool, startedAt, verdict, old, fresh, comparison }: CompareReport): object {
  return {
    schemaVersion: reportSchemaVersion,
    kind: 'compare',
    tool,
    startedAt: new Date(startedAt).toISOString(),
    verdict,
    old: sideDocument(old),
    new: sideDocument(fresh),
    remarks: comparison.remarks,
    eras: comparison.eras.map(({ before, after, ...head }) => {
      return { ...head, before: before && eraDocument(before), after: after && eraDocument(after) };
    }),
    changes: changesOf(comparison).map(({ kind, change }) => {
      return { kind, ...change, reason: cut(change.reason, maxReasonLength) };
    }),
    unchanged: comparison.unchanged,
  };
}

function sideDocument({ file, report }: ComparedReport): object {
  return {
    file,
    runs: runsOf(report).map(([implementation, run]) => {
      const { label, tool, startedAt, level, narrowed, exitCode, sentence, cases } = run;
      const head = { implementation, target: label, tool, startedAt, level, narrowed, exitCode };
      return { ...head, sentence: cut(sentence, maxReasonLength), cases: cases.size };
    }),
  };
}

function eraDocument({ cases, passed, clauses }: EraOutcome): object {
  return { cases, passed, clauses: clauses && { checked: clauses.checked, held: clauses.held } };
}

function runsOf(report: ReadReport) {
  return report.kind === 'run' ? [[undefined, report.run] as const] : [...report.runs];
}
