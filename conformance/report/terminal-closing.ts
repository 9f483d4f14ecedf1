import type { Verdict } from '../judge/verdict.ts';
import { clip, count, cut, firstOf, oneLine, visible, wrap } from '../text/text.ts';
import { headlineOf } from './finding.ts';
import { adviceFor, type Gap, gapsOf } from './gaps.ts';
import type { RunReport } from './report.ts';
import { verdictLists } from './summary.ts';
import { type BlockStyle, quietVerdict, verdictLines } from './terminal-failure.ts';

/** Renders the end of a report: failures that do not count, gaps, findings, verdict. Lines have no line endings. */
export function closing(report: RunReport, style: BlockStyle): readonly string[] {
  const { run, verdict } = report;
  const { notDeclared } = verdict;
  const items = notDeclared.map(({ capability, cases }) => `${capability} (${count(cases.length, 'case')})`);
  return [
    ...listLines(verdict, style),
    ...uncoveredLines(report, style),
    ...(items.length === 0 ? [] : titled('capabilities not declared (not required)', items, style)),
    ...findingIndex(verdict, style),
    ...verdictLines(verdict, run.durationMs, style),
  ];
}

/**
 * Renders only the verdict and, if it is not green, the reasons for it: failures without a case, gaps and the index of
 * findings. Lines have no line endings.
 */
export function quietLines(report: RunReport, style: BlockStyle): readonly string[] {
  const { verdict } = report;
  const end = quietVerdict(verdict, style);
  if (verdict.exitCode === 0) return [end];
  const problems = [
    ...listLines({ ...verdict, known: [], advice: [] }, style),
    ...uncoveredLines(report, style),
    ...findingIndex(verdict, style),
  ];
  return problems.length === 0 ? [end] : [...problems.slice(1), '', end];
}

function listLines(verdict: Verdict, style: BlockStyle): readonly string[] {
  return verdictLists(verdict).flatMap(({ title, items }) =>
    titled(
      title,
      items.map(({ name, text }) => [name, text].filter(Boolean).join(': ')),
      style,
    ),
  );
}

/** Renders a list under a title, after an empty line. */
function titled(title: string, items: readonly string[], { palette, width }: BlockStyle): readonly string[] {
  const lines = items.flatMap((text) =>
    wrap(visible(cut(text, 600)), width - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`),
  );
  return ['', palette.strong(title), ...lines];
}

function uncoveredLines(report: RunReport, { palette, width }: BlockStyle): readonly string[] {
  const { counts } = report.verdict;
  const gaps = gapsOf(report);
  if (gaps.length === 0) return [];
  const uncovered = counts.skipped + counts.broken + counts.notRun;
  const title = `not covered: ${count(uncovered, 'case')} of ${counts.total}`;
  return ['', palette.strong(title), ...gapLines(gaps, counts.skipped > 0, { palette, width })];
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
