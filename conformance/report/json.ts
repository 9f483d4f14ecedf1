import type { LogLine } from '../../runners/runner.ts';
import { boundValue } from '../text/bounds.ts';
import { cut } from '../text/text.ts';
import type { CaseOutcome, CaseResult, Failure, WireEvent } from '../verdict/result.ts';
import type { NoTargetReport, Report, RunReport } from './report.ts';
import { coverageOf } from './summary.ts';

/** The version of the form, `report.v1.schema.json`. Members may be added in 1.x. */
const SCHEMA_VERSION = '1.1';

const TEXT = 2_000;
const LINE = 1_000;
const WIRE_EVENTS = 200;
const LOG_LINES = 100;
const DIFFERENCES = 20;
/** Characters of wire events and logs in the whole report; the cases after that have none. */
const EVIDENCE = 16_000_000;

/** The report as JSON, for `conformance/report/schemas/report.v1.schema.json`. Ends in a line feed. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(reportDocument(report), null, 2)}\n`;
}

/** The same as a value, for reports that hold it. */
export function reportDocument(report: Report): object {
  return report.kind === 'run' ? runDocument(report) : noTargetDocument(report);
}

function runDocument(report: RunReport): object {
  const { run, verdict, tool } = report;
  let evidence = 0;
  const cases = run.results.map((result) => {
    const { wire, logs } = result;
    const documents = { wire: wireDocuments(wire), logs: logDocuments(logs) };
    evidence += JSON.stringify(documents).length;
    const kept = evidence <= EVIDENCE ? documents : { wire: [], logs: [], evidenceLeftOut: true };
    return { ...caseDocument(result, report), ...kept };
  });
  return {
    schemaVersion: SCHEMA_VERSION,
    tool,
    startedAt: new Date(run.startedAt).toISOString(),
    durationMs: milliseconds(run.durationMs),
    settings: run.settings,
    target: boundValue(run.target),
    ...(run.interrupted === undefined ? {} : { interrupted: run.interrupted }),
    verdict,
    clauses: coverageOf(run, report.clauses),
    cases,
  };
}

function noTargetDocument(report: NoTargetReport): object {
  const { code, message, advice, logs } = report.error;
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: report.tool,
    startedAt: new Date(report.startedAt).toISOString(),
    durationMs: milliseconds(report.durationMs),
    settings: report.settings,
    target: report.target,
    error: { code, message: cut(message, TEXT), advice: cut(advice, TEXT), logs: logDocuments(logs) },
  };
}

function caseDocument(result: CaseResult, report: RunReport): object {
  const { case: head, outcome, known } = result;
  return {
    id: head.id,
    suite: head.suite,
    title: head.title,
    clauses: head.clauses,
    level: head.level,
    revisions: head.revisions,
    source: head.source,
    outcome: outcomeDocument(outcome),
    ...(head.advisory ? { advisory: true } : {}),
    ...(known === undefined ? {} : { knownFailure: { reason: known.reason } }),
    startedAt: new Date(result.startedAt).toISOString(),
    durationMs: milliseconds(result.durationMs),
    ...(outcome.kind === 'failed' || outcome.kind === 'broken' ? { rerun: report.rerun(head.id) } : {}),
  };
}

function outcomeDocument(outcome: CaseOutcome): object {
  if (outcome.kind === 'failed') return { kind: outcome.kind, failure: failureDocument(outcome.failure) };
  if (outcome.kind === 'passed' || outcome.kind === 'not-declared') return outcome;
  return { kind: outcome.kind, reason: cut(outcome.reason, TEXT) };
}

function failureDocument({ summary, step, request, expected, actual, differences }: Failure): object {
  const shown = differences.slice(0, DIFFERENCES);
  return {
    summary: cut(summary, TEXT),
    ...(step === undefined ? {} : { step }),
    ...(request === undefined ? {} : { request: boundValue(request) }),
    ...(expected === undefined ? {} : { expected: boundValue(expected) }),
    ...(actual === undefined ? {} : { actual: boundValue(actual) }),
    differences: shown.map((difference) => ({
      path: cut(difference.path, TEXT),
      expected: cut(difference.expected, TEXT),
      actual: cut(difference.actual, TEXT),
    })),
    ...(differences.length > shown.length ? { differencesLeftOut: differences.length - shown.length } : {}),
  };
}

function wireDocuments(wire: readonly WireEvent[]): readonly object[] {
  return firstAndLast(wire, WIRE_EVENTS).map(({ at, call, direction, text }) => ({
    at: milliseconds(at),
    call,
    direction,
    text: cut(text, LINE),
  }));
}

function logDocuments(logs: readonly LogLine[]): readonly object[] {
  return firstAndLast(logs, LOG_LINES).map(({ at, stream, text }) => ({
    at: new Date(at).toISOString(),
    stream,
    text: cut(text, LINE),
  }));
}

function firstAndLast<T>(items: readonly T[], limit: number): readonly T[] {
  return items.length <= limit ? items : [...items.slice(0, limit / 2), ...items.slice(-limit / 2)];
}

/** Times to a thousandth: what comes after is noise. */
function milliseconds(time: number): number {
  return Math.round(time * 1_000) / 1_000;
}
