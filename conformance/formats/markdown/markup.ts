import type { Verdict } from '../../judge/verdict.ts';
import type { ReportedClause, Tool } from '../../report/report.ts';
import { cut, duration, visible } from '../../text/text.ts';

/** Maximum number of characters of a report, because GitHub limits the summary of a step to 1 MiB. */
const limit = 900_000;

/** Joins lines, and truncates the text to the maximum size of a GitHub step summary. */
export function markdownText(lines: readonly string[]): string {
  const text = `${lines.join('\n')}\n`;
  return text.length <= limit
    ? text
    : `${text.slice(0, text.lastIndexOf('\n', limit))}\n\n*The rest is omitted.*\n`;
}

/** Renders the heading of a report with its verdict. */
export function headLines(
  title: string,
  { exitCode, sentence }: Pick<Verdict, 'exitCode' | 'sentence'>,
): readonly string[] {
  const sign = exitCode === 0 ? '✅' : exitCode === 1 ? '❌' : '⚠️';
  return [`# ${title}`, '', `${sign} **${inline(sentence)}**`, ''];
}

/** Renders the duration of the run and the version of the kit. */
export function madeBy({ name, version }: Tool, durationMs: number): string {
  return `${duration(durationMs)}, ${name} ${version}`;
}

/** Renders a collapsed section. The first line is empty, because Markdown requires a blank line before it. */
export function folded(title: string, lines: readonly string[]): readonly string[] {
  return ['', `<details><summary>${title}</summary>`, '', ...lines, '', '</details>'];
}

/** Renders a clause as a quotation. Its text is trusted Markdown from the kit. */
export function quoted({ id, level, weight, text }: ReportedClause): string {
  return `> **${id}** · ${level} · ${weight}<br>${text}`;
}

/** Renders a section with a list. Returns an empty array if the list is empty. */
export function listLines(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', `## ${title}`, '', ...items.map((item) => `- ${item}`)];
}

/** Renders a table whose cells are already Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

/** Escapes untrusted text for one line: no Markdown, HTML or cell separator in it takes effect. */
export function inline(text: string): string {
  return visible(cut(text, 600))
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#~&$@]/g, (character) => (character === '@' ? '@\u200b' : `\\${character}`));
}

/** Renders a code block with a fence longer than any run of backticks in its lines. */
export function fenced(language: string, lines: readonly string[]): readonly string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []);
  const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
  return [`${fence}${language}`, ...lines, fence];
}
