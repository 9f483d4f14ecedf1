import type { CaseResult } from '../engine/result.ts';
import { cut, visible, wrap } from '../text/text.ts';
import { type FailureLine, failureSections } from './failure.ts';
import type { Palette } from './palette.ts';
import type { RunReport } from './report.ts';

/** A failed case in full: what holds, what was sent, what came, and how to see it again. Lines without line ends. */
export function failureBlock(result: CaseResult, report: RunReport, style: BlockStyle): readonly string[] {
  const { palette, width } = style;
  const prose = (text: string, indent: number): string[] =>
    wrap(visible(text), width - indent).map((line) => `${' '.repeat(indent)}${line}`);
  const { case: head, outcome } = result;
  const lines = [
    `${palette.bad(palette.strong('FAILED'))} ${palette.strong(head.id)}`,
    ...prose(head.title, 2),
    '',
  ];
  for (const [index, id] of head.clauses.entries()) {
    const clause = report.clauses.get(id);
    if (clause === undefined) continue;
    // The main clause in full; of the others it is enough to know which.
    if (index === 0) {
      lines.push(`  ${palette.strong(id)} · ${clause.level} · ${clause.weight}`, ...prose(clause.text, 4));
    } else {
      lines.push(`  ${palette.faint(`also ${id} · ${clause.level} · ${clause.weight}`)}`);
    }
  }
  lines.push('');
  if (outcome.kind === 'failed') {
    lines.push(...prose(cut(outcome.failure.summary, 600), 2).map((line) => palette.bad(line)));
  }
  lines.push(palette.faint(`  ${placeOf(result)}`));
  for (const section of failureSections(result)) {
    lines.push('', `  ${palette.strong(section.name)}`);
    for (const line of section.lines) lines.push(`    ${colourLine(line, palette)}`);
  }
  lines.push('', `  ${palette.strong('run again')}`, `    ${visible(report.rerun(head.id))}`);
  return lines;
}

export interface BlockStyle {
  readonly palette: Palette;
  /** Columns for prose. What the target sent or wrote is never wrapped, so that it can be searched and copied. */
  readonly width: number;
}

/** `step 3, invoke (fixtures/cases/sessions.yaml:41)`. */
export function placeOf({ case: head, outcome }: CaseResult): string {
  const step = outcome.kind === 'failed' ? outcome.failure.step : undefined;
  return step === undefined
    ? `${head.source.file}:${head.source.line}`
    : `step ${step.number}, ${step.verb} (${step.file}:${step.line})`;
}

function colourLine({ kind, text }: FailureLine, palette: Palette): string {
  switch (kind) {
    case 'expected':
      return palette.good(text);
    case 'actual':
      return palette.bad(text);
    case 'faint':
      return palette.faint(text);
    default:
      return text;
  }
}
