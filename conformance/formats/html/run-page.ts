import { availableParallelism } from 'node:os';
import type { CaseEvidence as GatheredEvidence } from '../../engine/evidence.ts';
import type { CaseResult } from '../../engine/result.ts';
import type { Report, RunReport } from '../../report/report.ts';
import { boundValue } from '../../text/bounds.ts';
import { reportDocument } from '../json/run.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { CaseJson, RunReportJson } from './data/report.ts';
import type { CaseEvidence, Provenance, RunPage } from './data/run.ts';
import { fitCase } from './fit-case.ts';

/** Characters for the cases that passed, and for the others. Keeps a green page below 1.5 MB, and a red one below 5 MB. */
const budgets = { passed: 900_000, others: 3_200_000 };
/** Maximum size of one case, in characters. */
const maxCase = { passed: 16_000, others: 120_000 };

/** Makes the page of a run, with the evidence that it gathered. */
export function runPage(report: Report): RunPage {
  const document = reportDocument(report) as RunReportJson;
  if (report.kind === 'no-target') return pageOfJson(document);
  const gathered = new Map(report.run.results.flatMap((result) => evidenceOf(result)));
  return {
    ...fitPage(document, gathered),
    contract: [...report.clauses.values()].map(({ id, section, text }) => ({ id, section, text })),
    provenance: provenanceOf(report),
  };
}

/** Makes the page of a run from its JSON report alone. */
export function pageOfJson(report: RunReportJson): RunPage {
  return fitPage(report, new Map());
}

function fitPage(report: RunReportJson, gathered: ReadonlyMap<string, CaseEvidence>): RunPage {
  const page = { kind: 'run', schemaVersion: pageSchemaVersion } as const;
  const { cases } = report;
  if (cases === undefined) return { ...page, report };
  const groups = { passed: cases.filter(isPassed).length, others: 0 };
  groups.others = cases.length - groups.passed;
  const shown = cases.map((document) => {
    const group = isPassed(document) ? 'passed' : 'others';
    const limit = Math.min(maxCase[group], budgets[group] / groups[group]);
    return fitCase({ document, evidence: gathered.get(document.id) }, limit);
  });
  const evidence = shown.flatMap(({ document, evidence: each }) =>
    each === undefined ? [] : [[document.id, each] as const],
  );
  const fitted = { ...page, report: { ...report, cases: shown.map(({ document }) => document) } };
  return evidence.length === 0 ? fitted : { ...fitted, evidence: Object.fromEntries(evidence) };
}

function isPassed({ outcome }: CaseJson): boolean {
  return outcome.kind === 'passed';
}

/** Returns the evidence of a case that ran, by its id. */
function evidenceOf({ case: head, outcome, evidence }: CaseResult): readonly [string, CaseEvidence][] {
  if (evidence === undefined) return [];
  const steps = evidence.steps.map((each) => stepEvidence(each, head.clauses[0]));
  if (outcome.kind !== 'passed') return [[head.id, { steps }]];
  const logs = evidence.logs.map(({ at, stream, text }) => ({
    at: new Date(at).toISOString(),
    stream,
    text,
  }));
  return [[head.id, { steps, wire: evidence.wire, logs }]];
}

function stepEvidence(
  { step, began, exchanges, exchangesLeftOut }: GatheredEvidence['steps'][number],
  main: string | undefined,
): CaseEvidence['steps'][number] {
  const { verb, source, item, clauses, setup, argument } = step;
  const isOther = clauses !== undefined && (clauses.length > 1 || clauses[0] !== main);
  return {
    verb,
    line: source.line,
    began,
    ...(item === undefined ? {} : { item }),
    ...(isOther ? { clauses } : {}),
    ...(setup === undefined ? {} : { setup: setup.case }),
    argument: boundValue(argument),
    exchanges,
    ...(exchangesLeftOut === 0 ? {} : { exchangesLeftOut }),
  };
}

function provenanceOf({ rerun }: RunReport): Provenance {
  return {
    command: rerun(),
    rerun: rerun('SUITE/CASE'),
    machine: {
      os: process.platform,
      arch: process.arch,
      node: process.versions.node,
      cpus: availableParallelism(),
    },
  };
}
