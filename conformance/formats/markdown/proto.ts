import {
  checkLines,
  differingVectors,
  type MeasuredBreak,
  type ProtoReport,
  touchText,
} from '../../proto-check/report.ts';
import { headLines, inline, listLines, madeBy, markdownText, table } from './markup.ts';

/** Renders a proto check as Markdown of bounded size. Ends in a line feed. */
export function renderProtoMarkdown(report: ProtoReport): string {
  const { check, breaks } = report;
  const marks = { ok: '✅', FAIL: '❌', stop: '❌', none: '➖' } as const;
  const lint = check.lint.map(({ file, line, message, rule }) => {
    return `\`${file}:${line}\` ${inline(message)} (${inline(rule)})`;
  });
  const vectors = differingVectors(check).map(({ name, outcome, detail }) => {
    return `\`${name}\` (${outcome}): ${inline(detail)}`;
  });
  return markdownText([
    ...headLines('Change to the proto module', report.verdict),
    `${inline(check.module)} against ${inline(check.against)}`,
    '',
    ...table(
      ['', 'Check', 'Outcome'],
      checkLines(report).map(({ state, name, text }) => [marks[state], name, inline(text)]),
    ),
    ...breaks.flatMap(breakSection),
    ...listLines('Added (compatible)', check.added.map(inline)),
    ...listLines('Lint', lint),
    ...listLines('Vectors read differently', vectors),
    '',
    madeBy(report.tool, report.durationMs),
  ]);
}

function breakSection({ found, implementations }: MeasuredBreak): readonly string[] {
  const { layer, name, rule, rules, file, line, column, message, clauses, vectors } = found;
  const vectorNames = vectors.map((vector) => `\`${vector.name}\``).join(', ');
  return [
    '',
    `## ${layer === 'wire' ? 'On the wire' : 'In JSON'}: ${inline(name || rule)}`,
    '',
    `\`${file}:${line}:${column}\` ${inline(message)} (${rules.map(inline).join(', ')})`,
    '',
    ...(clauses.length > 0 ? [`- clauses that name it: ${clauses.join(', ')}`] : []),
    ...vectors.slice(0, 1).map(({ detail }) => `- vectors: ${vectorNames}: ${inline(detail)}`),
    ...implementations.map((each) => `- ${inline(each.name)}: ${inline(touchText(each.touch))}`),
  ];
}
