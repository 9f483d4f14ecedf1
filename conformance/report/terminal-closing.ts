import type { Verdict } from '../judge/verdict.ts';
import { clip, count, cut, firstOf, oneLine, visible, wrap } from '../text/text.ts';
import { headlineOf } from './finding.ts';
import { adviceFor, type Gap, gapsOf } from './gaps.ts';
import type { RunReport } from './report.ts';
import { verdictLists } from './summary.ts';
import { type BlockStyle, verdictLines } from './terminal-failure.ts';

/** Renders the end of a report: failures that do not count, gaps, findings, verdict. Lines have no line endings. */
export function closing(report: RunReport, { palette, width }: BlockStyle): readonly string[] {
  const { run, verdict } = report;
  const { counts } = verdict;
  const lines: string[] = [];
  const heading = (text: string): number => lines.push('', palette.strong(text));
  const item = (text: string): void => {
    const [first = '', ...rest] = wrap(visible(cut(text, 600)), width - 4);
    lines.push(`  ${first}`, ...rest.map((line) => `    ${line}`));
  };

  for (const { title, items } of verdictLists(verdict)) {
    heading(title);
    for (const { name, text } of items) item([name, text].filter(Boolean).join(': '));
  }
  const gaps = gapsOf(report);
  if (gaps.length > 0) {
    const uncovered = counts.skipped + counts.broken + counts.notRun;
    heading(`not covered: ${count(uncovered, 'case')} of ${counts.total}`);
    lines.push(...gapLines(gaps, counts.skipped > 0, { palette, width }));
  }
  if (verdict.notDeclared.length > 0) {
    heading('capabilities not declared (not required)');
    for (const { capability, cases } of verdict.notDeclared) {
      item(`${capability} (${count(cases.length, 'case')})`);
    }
  }
  lines.push(...findingIndex(verdict, { palette, width }));
  return [...lines, ...verdictLines(verdict, run.durationMs, { palette, width })];
}

/** Maximum number of findings in the index. The index and the verdict then fit on a screen of 24 lines. */
const maxIndexed = 17;

/** Renders one line per finding, in the order in which to fix them. */
function findingIndex({ findings }: Verdict, { palette, width }: BlockStyle): readonly string[] {
  if (findings.length === 0) return [];
  const shown = findings.slice(0, maxIndexed);
  const clauseWidth = Math.max(...shown.map(({ clause }) => clause.length));
  const lines = shown.map((finding, index) => {
    const { clause, cases, blocked } = finding;
    const amount = `${cases.length + blocked.length}`.padStart(4);
    const start = `  ${`${index + 1}`.padStart(2)}  ${clause.padEnd(clauseWidth)}${amount}  `;
    return `${start}${clip(visible(oneLine(headlineOf(finding))), Math.max(20, width - start.length))}`;
  });
  const more = findings.length - shown.length;
  const rest = more === 0 ? [] : [palette.faint(`      and ${count(more, 'more finding')} (see above)`)];
  const title = 'fix first (clause, affected cases, first difference)';
  return ['', palette.strong(title), ...lines, ...rest];
}

/** Maximum number of reasons for which case ids are listed. With more reasons, the ids would bury them. */
const reasonsWithCases = 6;
const maxReasons = 40;

function gapLines(
  gaps: readonly Gap[],
  hasSkipped: boolean,
  { palette, width }: BlockStyle,
): readonly string[] {
  const shown = gaps.slice(0, maxReasons);
  const numberWidth = Math.max(...shown.map(({ cases }) => `${cases.length}`.length));
  const indent = ' '.repeat(numberWidth + 4);
  const withCases = gaps.length <= reasonsWithCases || !hasSkipped;
  const lines = shown.flatMap((gap) => {
    const { reason, cases } = gap;
    const [first = '', ...rest] = wrap(visible(cut(reason, 1_000)), width - indent.length);
    const ids = withCases ? wrap(firstOf(cases, 5), width - indent.length) : [];
    return [
      `  ${`${cases.length}`.padStart(numberWidth)}  ${first}`,
      ...rest.map((line) => `${indent}${line}`),
      ...[adviceFor(gap)].filter(Boolean).map((line) => `${indent}${line}`),
      ...ids.map((line) => palette.faint(`${indent}${line}`)),
    ];
  });
  const more = gaps.slice(maxReasons).reduce((sum, { cases }) => sum + cases.length, 0);
  return more === 0 ? lines : [...lines, palette.faint(`  and ${count(more, 'case')} for other reasons`)];
}
