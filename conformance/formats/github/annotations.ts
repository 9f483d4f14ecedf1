import { type CompareReport, changesOf } from '../../compare/report.ts';
import type { CaseResult } from '../../engine/result.ts';
import type { Finding as ProtoFinding } from '../../proto-check/breaks.ts';
import type { ProtoReport } from '../../proto-check/report.ts';
import { extentOf, otherCasesOf } from '../../report/finding.ts';
import type { Report } from '../../report/report.ts';
import { preventsGreen, reasonOf, type Standing, standingOf } from '../../report/summary.ts';
import { cut, visible } from '../../text/text.ts';
import type { ReportSubject } from '../format.ts';

/** Maximum number of annotations. GitHub shows only a few annotations per step. The step summary shows everything. */
const limit = 30;

/**
 * Renders workflow commands that annotate everything that prevents a green outcome: cases at their position in the
 * fixture, breaking changes at their line in the proto module. Ends in a line feed, or is empty for a green outcome.
 */
export function renderAnnotations(subject: ReportSubject): string {
  return annotationsOf(subject)
    .flatMap((annotations) => [...annotations].slice(0, limit))
    .map((line) => `${line}\n`)
    .join('');
}

/** Returns one list of annotations, or one per implementation of a matrix. */
function annotationsOf(subject: ReportSubject): readonly Iterable<string>[] {
  if (subject.kind === 'proto-check') return [protoAnnotations(subject)];
  if (subject.kind === 'compare') return [compareAnnotations(subject)];
  if (subject.kind !== 'matrix') return [reportAnnotations(subject, '')];
  return subject.implementations.map(({ name, report }) => reportAnnotations(report, `${name}: `));
}

function* protoAnnotations({ check }: ProtoReport): Generator<string> {
  for (const found of check.breaks) {
    yield annotation(`breaking change (${found.layer}) ${found.name}`.trimEnd(), found.message, found);
  }
  for (const finding of check.lint) yield annotation(finding.rule, finding.message, finding);
}

function* compareAnnotations({ comparison }: CompareReport): Generator<string> {
  for (const { kind, change } of changesOf(comparison)) {
    const { implementation, subject, before, after, reason } = change;
    if (kind !== 'newly failing' && !(kind === 'new' && preventsGreen(after))) continue;
    const prefix = implementation === undefined ? '' : `${implementation}: `;
    yield annotation(`${kind}: ${subject}`, `${prefix}${before ?? 'absent'} → ${after}\n${reason}`);
  }
}

function* reportAnnotations(report: Report, prefix: string): Generator<string> {
  if (report.kind === 'no-target') {
    const { message, advice } = report.error;
    yield annotation('the target could not be tested', `${prefix}${message}\n${advice}`);
    return;
  }
  for (const finding of report.verdict.findings) {
    const { clause, summary } = finding;
    yield annotation(
      `${clause}: ${extentOf(finding)}`,
      `${prefix}${[summary, ...otherCasesOf(finding, 10)].join('\n')}`,
    );
  }
  for (const result of report.run.results) {
    const message = troubleOf(result);
    if (message !== undefined) yield annotation(result.case.id, `${prefix}${message}`);
  }
  for (const name of report.verdict.missingCapabilities) {
    yield annotation(
      `capability ${name}`,
      `${prefix}The target does not declare the required capability ${name}.`,
    );
  }
}

function troubleOf(result: CaseResult): string | undefined {
  const messages: Readonly<Partial<Record<Standing, string>>> = {
    stale: 'The case passed but is listed as a known failure. Remove the entry.',
    broken: `The kit could not run this case: ${reasonOf(result)}`,
  };
  return messages[standingOf(result)];
}

function annotation(title: string, message: string, at?: Pick<ProtoFinding, 'file' | 'line'>): string {
  const place = at === undefined ? '' : `file=${property(at.file)},line=${at.line},`;
  return `::error ${place}title=${property(title)}::${data(message)}`;
}

function data(text: string): string {
  return visible(cut(text, 1_000)).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
