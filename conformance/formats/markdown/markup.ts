import type { Verdict } from '../../judge/verdict.ts';
import type { ReportedClause, Tool } from '../../report/report.ts';
import { cut, duration, visible } from '../../text/text.ts';

/** Below the 1 MiB that GitHub takes for a step's summary. */
const limit = 900_000;

/** Joins lines into a text that fits GitHub's step summary; the rest is cut off. */
export function markdownText(lines: readonly string[]): string {
  const text = `${lines.join('\n')}\n`;
  return text.length <= limit
    ? text
    : `${text.slice(0, text.lastIndexOf('\n', limit))}\n\n*The rest is left out.*\n`;
}

/** The head of a report: its title, and what it proves. */
export function headLines(
  title: string,
  { exitCode, sentence }: Pick<Verdict, 'exitCode' | 'sentence'>,
): readonly string[] {
  const sign = exitCode === 0 ? '✅' : exitCode === 1 ? '❌' : '⚠️';
  return [`# ${title}`, '', `${sign} **${inline(sentence)}**`, ''];
}

/** How long it took, and which kit made the report. */
export function madeBy({ name, version }: Tool, durationMs: number): string {
  return `${duration(durationMs)}, ${name} ${version}`;
}

/** Lines that the reader has to unfold; an empty line comes before them. */
export function folded(title: string, lines: readonly string[]): readonly string[] {
  return ['', `<details><summary>${title}</summary>`, '', ...lines, '', '</details>'];
}

/** A clause as a quotation. Its text is the kit's own, with Markdown of its own. */
export function quoted({ id, level, weight, text }: ReportedClause): string {
  return `> **${id}** · ${level} · ${weight}<br>${text}`;
}

/** A section with a list, or nothing where there is nothing to list. */
export function listLines(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', `## ${title}`, '', ...items.map((item) => `- ${item}`)];
}

/** A table; its cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

/** Foreign text on one line, in which nothing is read as Markdown, HTML or the end of a table's cell. */
export function inline(text: string): string {
  return visible(cut(text, 600))
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#~&$@]/g, (character) => (character === '@' ? '@\u200b' : `\\${character}`));
}

/** A block of code whose fence no line of it can close. */
export function fenced(language: string, lines: readonly string[]): readonly string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []);
  const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
  return [`${fence}${language}`, ...lines, fence];
}
