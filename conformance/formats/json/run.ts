import type { LogLine } from '../../../runners/runner.ts';
import type { CaseOutcome, CaseResult, Failure, RunResult } from '../../engine/result.ts';
import { eraSummaries } from '../../report/era-summary.ts';
import type { NoTargetReport, Report, ReportedClauses, RunReport } from '../../report/report.ts';
import { coverageOf } from '../../report/summary.ts';
import { boundValue } from '../../text/bounds.ts';
import { cut, escapeInvisible } from '../../text/text.ts';
import type { WireEvent } from '../../wire/wire-log.ts';

/** Version of `report.v1.schema.json`. Minor versions may add members. */
const reportSchemaVersion = '1.6';

const maxTextLength = 2_000;
const maxLineLength = 1_000;
const wireEvents = 200;
const logLines = 100;
const maxDifferences = 20;
/**
 * Maximum size of wire events and logs in the whole report, in characters. Cases beyond this limit have no wire
 * events and no logs.
 */
export const maxEvidence = 16_000_000;

/** Renders the report as JSON that conforms to `conformance/schemas/report.v1.schema.json`. Ends in a line feed. */
export function renderJson(report: Report): string {
  return jsonText(reportDocument(report));
}

/**
 * Formats a document as indented JSON that ends in a line feed. Invisible characters and the prefixes of CI commands
 * are escaped, so that a target's text has no effect if the file is printed on a terminal or into the log of a CI
 * system.
 */
export function jsonText(document: object): string {
  return `${escapeInvisible(JSON.stringify(document, null, 2), jsonEscape)}\n`;
}

function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** Returns the report as a JSON value, for embedding in other reports. */
export function reportDocument(report: Report): object {
  const { startedAt, durationMs, settings: all } = report.kind === 'run' ? report.run : report;
  const { shard, ...settings } = all;
  return {
    schemaVersion: reportSchemaVersion,
    tool: report.tool,
    startedAt: new Date(startedAt).toISOString(),
    durationMs: milliseconds(durationMs),
    settings,
    shard,
    ...(report.kind === 'run' ? runMembers(report) : noTargetMembers(report)),
  };
}

function runMembers(report: RunReport): object {
  const { run, verdict } = report;
  let evidence = 0;
  const cases = run.results.map((result) => {
    const documents = { wire: wireDocuments(result.wire), logs: logDocuments(result.logs) };
    evidence += JSON.stringify(documents).length;
    const kept = evidence <= maxEvidence ? documents : { wire: [], logs: [], evidenceLeftOut: true };
    return { ...caseDocument(result, report), ...kept };
  });
  return {
    target: boundValue(run.target),
    interrupted: run.interrupted,
    verdict,
    eras: eraDocuments(run, report.clauses),
    clauses: clauseDocuments(report),
    cases,
  };
}

/** Returns the outcome in each era in which the target was checked. */
export function eraDocuments(run: RunResult, clauses: ReportedClauses): readonly object[] {
  return eraSummaries(run, clauses).map(({ era, cases, clauses: inEra }) => ({ era, cases, clauses: inEra }));
}

/** Returns the outcome for each clause, with its position in the contract, so that merged reports keep this order. */
function clauseDocuments({ run, clauses }: RunReport): readonly object[] {
  const places = new Map([...clauses.keys()].map((id, place) => [id, place + 1]));
  return coverageOf(run, clauses).map(({ cases, ...each }) => ({
    ...each,
    ordinal: places.get(each.clause),
    cases,
  }));
}

function noTargetMembers({ target, error }: NoTargetReport): object {
  const [message, advice] = [cut(error.message, maxTextLength), cut(error.advice, maxTextLength)];
  return { target, error: { code: error.code, message, advice, logs: logDocuments(error.logs) } };
}

function caseDocument(result: CaseResult, report: RunReport): object {
  const { outcome, known, attempts } = result;
  const { id, suite, title, clauses, level, revisions, source, advisory, ordinal, reliesOn, transport } =
    result.case;
  return {
    ...{ id, suite, title, clauses, level, revisions, source, ordinal, transport },
    outcome: outcomeDocument(outcome),
    advisory: advisory || undefined,
    reliesOn: outcome.kind === 'failed' ? reliesOn : undefined,
    knownFailure: known && { reason: known.reason, mayFail: known.mayFail },
    attempts,
    startedAt: new Date(result.startedAt).toISOString(),
    durationMs: milliseconds(result.durationMs),
    rerun: rerunnable.has(outcome.kind) ? report.rerun(id) : undefined,
  };
}

const rerunnable: ReadonlySet<CaseOutcome['kind']> = new Set(['failed', 'blocked', 'broken']);

function outcomeDocument(outcome: CaseOutcome): object {
  switch (outcome.kind) {
    case 'failed':
    case 'blocked':
      return { ...outcome, failure: failureDocument(outcome.failure) };
    case 'passed':
      return outcome;
    case 'not-declared':
      return { ...outcome, reason: outcome.reason && cut(outcome.reason, maxTextLength) };
    default:
      return { kind: outcome.kind, reason: cut(outcome.reason, maxTextLength) };
  }
}

function failureDocument({ differences, ...failure }: Failure): object {
  const { summary, step, clauses, request, expected, actual } = failure;
  const more = differences.length - maxDifferences;
  return {
    summary: cut(summary, maxTextLength),
    step,
    clauses,
    request: boundValue(request),
    expected: boundValue(expected),
    actual: boundValue(actual),
    differences: differences.slice(0, maxDifferences).map((difference) => ({
      path: cut(difference.path, maxTextLength),
      expected: cut(difference.expected, maxTextLength),
      actual: cut(difference.actual, maxTextLength),
    })),
    differencesLeftOut: more > 0 ? more : undefined,
  };
}

function wireDocuments(wire: readonly WireEvent[]): readonly object[] {
  return firstAndLast(wire, wireEvents).map(({ at, call, direction, text }) => {
    return { at: milliseconds(at), call, direction, text: cut(text, maxLineLength) };
  });
}

function logDocuments(logs: readonly LogLine[]): readonly object[] {
  return firstAndLast(logs, logLines).map(({ at, stream, text }) => {
    return { at: new Date(at).toISOString(), stream, text: cut(text, maxLineLength) };
  });
}

function firstAndLast<T>(items: readonly T[], limit: number): readonly T[] {
  return items.length <= limit ? items : [...items.slice(0, limit / 2), ...items.slice(-limit / 2)];
}

/** Rounds a time to microseconds. Further digits are noise. */
function milliseconds(time: number): number {
  return Math.round(time * 1_000) / 1_000;
}
