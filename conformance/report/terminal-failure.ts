import type { CaseHead } from '../case/case.ts';
import { isUnstable } from '../engine/attempts.ts';
import type { CaseResult } from '../engine/result.ts';
import type { Finding } from '../judge/findings.ts';
import type { ExitCode } from '../judge/verdict.ts';
import { cut, duration, oneLine, visible, wrap } from '../text/text.ts';
import { type FailureLine, failureSections, logLines } from './failure.ts';
import { exampleOf, extentOf, otherCasesOf } from './finding.ts';
import { type Links, noLinks } from './links.ts';
import type { Palette } from './palette.ts';
import type { NoTargetReport, ReportedClauses, RunReport } from './report.ts';
import { reasonOf } from './summary.ts';

/** Maximum number of further case ids listed with a finding. */
const maxCases = 12;

/** Renders a finding: its extent, an example in full, and the ids of the other cases. Lines have no line endings. */
export function findingBlock(
  finding: Finding,
  index: number,
  { report, style }: { readonly report: RunReport; readonly style: BlockStyle },
): readonly string[] {
  const { palette } = style;
  const example = exampleOf(finding, report.run.results);
  const others = otherCasesOf(finding, maxCases).flatMap((line) => prose(line, 2, style));
  return [
    palette.strong(`finding ${index + 1}: ${finding.clause}, ${extentOf(finding)}`),
    '',
    ...(example === undefined ? [] : failureBlock(example, report, style)),
    ...(others.length === 0 ? [] : ['', ...others]),
  ];
}

/** Renders a failed or blocked case in full: clause, request, difference and rerun command. */
export function failureBlock(result: CaseResult, report: RunReport, style: BlockStyle): readonly string[] {
  const { palette, links = noLinks } = style;
  const { case: head, outcome } = result;
  const mark = outcome.kind === 'blocked' ? 'BLOCKED' : 'FAILED';
  const summary = prose(cut(reasonOf(result), 600), 2, style);
  return [
    ...caseHeading(
      isUnstable(result) ? 'UNSTABLE' : mark,
      { head, violated: violatedBy(result) },
      report.clauses,
      style,
    ),
    ...summary.map(palette.bad),
    `  ${links.file(sourceOf(result).file, palette.faint(placeOf(result)))}`,
    ...failureSections(result).flatMap(({ name, lines }) => [
      '',
      `  ${palette.strong(name)}`,
      ...lines.map((line) => `    ${colourLine(line, palette)}`),
    ]),
    '',
    `  ${palette.strong('run again')}`,
    `    ${visible(report.rerun(head.id))}`,
  ];
}

/** Returns the clauses that a result violates or, if the case is blocked, the clause that blocks it. */
function violatedBy({ outcome, case: head }: CaseResult): readonly string[] {
  if (outcome.kind === 'failed') return outcome.failure.clauses;
  return outcome.kind === 'blocked' ? [outcome.by.clause] : head.clauses;
}

/** Renders the title of a case and its violated clauses, the first one in full. Ends with an empty line. */
export function caseHeading(
  mark: string,
  { head, violated }: { readonly head: CaseHead; readonly violated: readonly string[] },
  clauses: ReportedClauses,
  style: BlockStyle,
): readonly string[] {
  const { palette, links = noLinks } = style;
  const linked = (id: string): string => links.file(contractFile, id);
  const rules = violated.flatMap((id, index) => {
    const clause = clauses.get(id);
    if (clause === undefined) return [];
    const binding = `${clause.level} · ${clause.weight}`;
    return index === 0
      ? [`  ${palette.strong(linked(id))} · ${binding}`, ...prose(clause.text, 4, style)]
      : [`  ${palette.faint(`also ${linked(id)} · ${binding}`)}`];
  });
  const id = links.file(head.source.file, palette.strong(head.id));
  const title = `${palette.bad(palette.strong(mark))} ${id}`;
  const all = rules.length === 0 ? [] : [...rules, ''];
  return [title, ...prose(head.title, 2, style), '', ...all];
}

/** Wraps and indents a text, without control characters. */
export function prose(text: string, indent: number, { width }: BlockStyle): readonly string[] {
  return wrap(visible(text), width - indent).map((line) => `${' '.repeat(indent)}${line}`);
}

/** Renders the reason that a target could not be tested, with the end of its log. */
export function noTargetReason({ error, startedAt }: NoTargetReport, style: BlockStyle): readonly string[] {
  const { palette } = style;
  const logs = logLines(error.logs, startedAt).map((line) => `    ${line.text}`);
  return [
    ...prose(oneLine(cut(error.message, 2_000)), 2, style).map((line) => palette.bad(line)),
    ...(error.advice === '' ? [] : prose(oneLine(cut(error.advice, 2_000)), 2, style)),
    ...(logs.length === 0 ? [] : ['', `  ${palette.strong('target log')}`, ...logs]),
  ];
}

/** Renders the verdict, the last lines of a report. */
export function verdictLines(
  { exitCode, sentence }: { readonly exitCode: ExitCode; readonly sentence: string },
  durationMs: number,
  style: BlockStyle,
): readonly string[] {
  const { palette } = style;
  const lines = prose(sentence, 0, style).map((line) => verdictColour(exitCode, line, palette));
  return ['', ...lines, palette.faint(`took ${duration(durationMs)}`)];
}

/** Renders the verdict as a single line, however long it is. */
export function quietVerdict(
  { exitCode, sentence }: { readonly exitCode: ExitCode; readonly sentence: string },
  { palette }: BlockStyle,
): string {
  return verdictColour(exitCode, oneLine(sentence), palette);
}

function verdictColour(exitCode: ExitCode, text: string, palette: Palette): string {
  const colour = exitCode === 0 ? palette.good : exitCode === 1 ? palette.bad : palette.caution;
  return palette.strong(colour(text));
}

/** The contract in the package of the kit, to which clauses link. */
const contractFile = 'proto/CONTRACT.md';

/** Layout of report lines. */
export interface BlockStyle {
  readonly palette: Palette;
  /** Default: no links. */
  readonly links?: Links;
  /** Width of prose in columns. Data from the target is never wrapped, so that it can be searched and copied. */
  readonly width: number;
}

/** Returns the position of a failure: `step 3, invoke (fixtures/cases/sessions.yaml:41)`. */
export function placeOf(result: CaseResult): string {
  const { file, line } = sourceOf(result);
  const { outcome } = result;
  const step = 'failure' in outcome ? outcome.failure.step : undefined;
  return step === undefined ? `${file}:${line}` : `step ${step.number}, ${step.verb} (${file}:${line})`;
}

/** Returns the file and line of the failing step or, without one, of the case. */
function sourceOf({ case: head, outcome }: CaseResult): { readonly file: string; readonly line: number } {
  return ('failure' in outcome ? outcome.failure.step : undefined) ?? head.source;
}

function colourLine({ kind, text }: FailureLine, palette: Palette): string {
  const colour = colours[kind];
  return colour === undefined ? text : palette[colour](text);
}

const colours = {
  expected: 'good',
  actual: 'bad',
  faint: 'faint',
  plain: undefined,
  place: undefined,
} as const;
