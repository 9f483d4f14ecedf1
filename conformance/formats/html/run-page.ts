import { availableParallelism } from 'node:os';
import type { CaseEvidence as GatheredEvidence } from '../../engine/evidence.ts';
import type { CaseResult } from '../../engine/result.ts';
import type { Report, RunReport } from '../../report/report.ts';
import { boundValue } from '../../text/bounds.ts';
import { reportDocument } from '../json/run.ts';
import { pageSchemaVersion } from './data/index.ts';
import type { RunReportJson } from './data/report.ts';
import type { CaseEvidence, Provenance, RunPage, StepEvidence } from './data/run.ts';
import { fitPage } from './fit-page.ts';

/** Makes the page of a run, with the evidence that it gathered. @param room see `fitPage` */
export function runPage(report: Report, room?: number): RunPage {
  const document = reportDocument(report) as RunReportJson;
  if (report.kind === 'no-target') return pageOfJson(document, room);
  const contract = [...report.clauses.values()].map(({ id, section, text }) => ({ id, section, text }));
  const page = { ...emptyPage(document), contract, provenance: provenanceOf(report) };
  return fitPage(page, new Map(report.run.results.flatMap((result) => evidenceOf(result))), room);
}

/** Makes the page of a run from its JSON report alone. @param room see `fitPage` */
export function pageOfJson(report: RunReportJson, room?: number): RunPage {
  return fitPage(emptyPage(report), new Map(), room);
}

function emptyPage(report: RunReportJson): RunPage {
  return { kind: 'run', schemaVersion: pageSchemaVersion, report, evidence: {} };
}

/** Returns the evidence of a case that ran, by its id. */
function evidenceOf({ case: head, evidence, wire, logs }: CaseResult): readonly [string, CaseEvidence][] {
  if (evidence === undefined) return [];
  const lines = logs.length > 0 ? logs : evidence.logs;
  return [
    [
      head.id,
      {
        steps: evidence.steps.map((each) => stepEvidence(each, head.clauses[0])),
        wire: wire.length > 0 ? wire : evidence.wire,
        logs: lines.map(({ at, stream, text }) => ({ at: new Date(at).toISOString(), stream, text })),
      },
    ],
  ];
}

function stepEvidence(
  { step, began, exchanges, exchangesLeftOut }: GatheredEvidence['steps'][number],
  main: string | undefined,
): StepEvidence {
  const { verb, source, item, clauses, setup, argument } = step;
  const isOther = clauses !== undefined && (clauses.length > 1 || clauses[0] !== main);
  return {
    verb,
    line: source.line,
    ...(began ? {} : { idle: true as const }),
    ...(item === undefined ? {} : { item }),
    ...(isOther ? { clauses } : {}),
    ...(setup === undefined ? {} : { setup: setup.case }),
    argument: boundValue(argument),
    ...(exchanges.length === 0 ? {} : { exchanges }),
    ...(exchangesLeftOut === 0 ? {} : { exchangesLeftOut }),
  };
}

/** Returns undefined for a merged run: several commands made it, possibly on several machines. */
function provenanceOf({ rerun }: RunReport): Provenance | undefined {
  const command = rerun();
  if (command === '') return undefined;
  return {
    command,
    rerun: rerun('SUITE/CASE'),
    machine: {
      os: process.platform,
      arch: process.arch,
      node: process.versions.node,
      cpus: availableParallelism(),
    },
  };
}
