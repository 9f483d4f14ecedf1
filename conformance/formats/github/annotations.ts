import type { CaseResult } from '../../engine/result.ts';
import type { ProtoReport } from '../../proto-check/report.ts';
import type { Report } from '../../report/report.ts';
import { standingOf } from '../../report/summary.ts';
import { cut, visible } from '../../text/text.ts';
import type { ReportSubject } from '../format.ts';

/** GitHub shows few annotations of a step; the rest is in the summary. */
const limit = 30;

/**
 * Workflow commands that mark on GitHub whatever keeps the outcome from being green: a case where it is written, a break of
 * the proto module at its line. Empty where all is well, else it ends in a line feed.
 */
export function renderAnnotations(subject: ReportSubject): string {
  switch (subject.kind) {
    case 'matrix':
      return subject.implementations
        .map(({ name, report }) => lines(reportAnnotations(report, `${name}: `)))
        .join('');
    case 'proto-check':
      return lines(protoAnnotations(subject));
    default:
      return lines(reportAnnotations(subject, ''));
  }
}

function lines(annotations: Iterable<string>): string {
  return [...annotations]
    .slice(0, limit)
    .map((line) => `${line}\n`)
    .join('');
}

function reportAnnotations(report: Report, prefix: string): Iterable<string> {
  return report.kind === 'run' ? runAnnotations(report, prefix) : [noTargetAnnotation(report.error, prefix)];
}

function* protoAnnotations({ check }: ProtoReport): Generator<string> {
  for (const found of check.breaks)
    yield mark(found, `${found.layer} break ${found.name}`.trimEnd(), found.message);
  for (const finding of check.lint) yield mark(finding, finding.rule, finding.message);
}

function* runAnnotations(
  { run, verdict }: Extract<Report, { kind: 'run' }>,
  prefix: string,
): Generator<string> {
  for (const result of run.results) {
    const message = troubleOf(result);
    if (message !== undefined) yield annotation(`${prefix}${message}`, result);
  }
  for (const name of verdict.missingCapabilities) {
    yield `::error title=${property(`capability ${name}`)}::${data(`${prefix}${name} is demanded and not declared`)}`;
  }
}

function troubleOf(result: CaseResult): string | undefined {
  const { outcome, case: head } = result;
  switch (standingOf(result)) {
    case 'failed':
      return outcome.kind === 'failed' ? `${head.clauses.join(', ')}: ${outcome.failure.summary}` : undefined;
    case 'stale':
      return 'It passed, but is listed as a known failure: remove the entry.';
    case 'broken':
      return outcome.kind === 'broken' ? `It could not be carried out: ${outcome.reason}` : undefined;
    default:
      return undefined;
  }
}

function annotation(message: string, { case: head, outcome }: CaseResult): string {
  const step = outcome.kind === 'failed' ? outcome.failure.step : undefined;
  return mark(step ?? head.source, head.id, message);
}

function mark(at: { readonly file: string; readonly line: number }, title: string, message: string): string {
  return `::error file=${property(at.file)},line=${at.line},title=${property(title)}::${data(message)}`;
}

function noTargetAnnotation(
  error: { readonly message: string; readonly advice: string },
  prefix: string,
): string {
  return `::error title=${property('the target could not be tested')}::${data(`${prefix}${error.message}\n${error.advice}`)}`;
}

function data(text: string): string {
  return visible(cut(text, 1_000)).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
