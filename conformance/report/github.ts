import type { CaseResult } from '../engine/result.ts';
import { cut, visible } from '../text/text.ts';
import type { Report } from './report.ts';
import { standingOf } from './summary.ts';

/** GitHub shows few annotations of a step; the rest is in the summary. */
const limit = 30;

/**
 * Workflow commands that mark on GitHub what keeps a run from being green, at the place where the case is written. Empty
 * where nothing does. Ends in a line feed otherwise.
 * @param of the implementation, where there are several
 */
export function renderAnnotations(report: Report, of?: string): string {
  const prefix = of === undefined ? '' : `${of}: `;
  const all =
    report.kind === 'run' ? [...runAnnotations(report, prefix)] : [noTargetAnnotation(report.error, prefix)];
  return all
    .slice(0, limit)
    .map((line) => `${line}\n`)
    .join('');
}

/** Workflow commands that mark problems at their places in files. Empty where there are none. */
export function renderProblems(
  problems: readonly {
    readonly file: string;
    readonly line: number;
    readonly title: string;
    readonly message: string;
  }[],
): string {
  return problems
    .slice(0, limit)
    .map(
      ({ file, line, title, message }) =>
        `::error file=${property(file)},line=${line},title=${property(title)}::${data(message)}\n`,
    )
    .join('');
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
  const { file, line } = step ?? head.source;
  return `::error file=${property(file)},line=${line},title=${property(head.id)}::${data(message)}`;
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
