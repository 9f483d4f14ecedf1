import type { Verdict } from '../../judge/verdict.ts';
import type { ReportedClause, Tool } from '../../report/report.ts';
import { cut, duration, visible } from '../../text/text.ts';

/** Maximum size of a report in bytes, because GitHub drops the summary of a step that exceeds 1 MiB. */
const limit = 900_000;

/** Joins lines, and truncates the text to a maximum size in bytes. Default: that of a GitHub step summary. */
export function markdownText(lines: readonly string[], maxBytes = limit): string {
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  if (bytes.length <= maxBytes) return bytes.toString();
  const kept = bytes.subarray(0, bytes.lastIndexOf('\n', maxBytes)).toString();
  return `${kept}\n\n${openFence(kept)}*The rest is omitted.*\n`;
}

/** Returns the line that ends the last code block of a text, if the text ends within it. */
function openFence(text: string): string {
  let open = '';
  for (const [, fence = '', rest = ''] of text.matchAll(/^(`{3,})(.*)$/gm)) {
    if (open === '') open = fence;
    else if (rest === '' && fence.length >= open.length) open = '';
  }
  return open === '' ? '' : `${open}\n\n`;
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

/** Escapes untrusted text for one line: no Markdown, HTML, link, mention or cell separator in it takes effect. */
export function inline(text: string): string {
  return visible(cut(text, 600))
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|#~&$@]/g, (character) => (character === '@' ? '@\u200b' : `\\${character}`))
    .replace(/:(?=\/\/|[a-z0-9_+-]+:)|(?<=\bwww)\.|(?<=\bgh)-(?=\d)/gi, (character) => `\\${character}`)
    .replace(/^( ?(?:\d+(?=[.)](?: |$)))?)([-+=.)])(?=[-=]*(?: |$))/, '$1\\$2');
}

/** Renders untrusted text as code within a line or a cell. */
export function code(text: string): string {
  const shown = visible(cut(text, 200)).replace(/\s+/g, ' ').replaceAll('`', '′').replaceAll('|', '\\|');
  return `\`${shown}\``;
}

/** Renders a code block with a fence longer than any run of backticks in its lines. */
export function fenced(language: string, lines: readonly string[]): readonly string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []);
  const fence = '`'.repeat(Math.max(2, ...runs.map((run) => run.length)) + 1);
  return [`${fence}${language}`, ...lines, fence];
}
