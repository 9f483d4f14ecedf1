import { type ChangeKind, type CompareReport, changesOf } from '../../compare/report.ts';
import { headLines, inline, markdownText, table } from './markup.ts';

const titles: Readonly<Record<ChangeKind, string>> = {
  'newly failing': '❌ Newly failing',
  'newly passing': '✅ Newly passing',
  new: 'New',
  removed: 'Removed',
  other: 'Other changes',
};

const maxRows = 200;

/** Renders a comparison as Markdown of bounded size. Ends in a line feed. */
export function renderCompareMarkdown(report: CompareReport): string {
  const { verdict, old, fresh, comparison, tool } = report;
  const changes = changesOf(comparison);
  const section = (kind: ChangeKind): readonly string[] => {
    const own = changes.filter((each) => each.kind === kind).map(({ change }) => change);
    if (own.length === 0) return [];
    const rows = own.slice(0, maxRows).map(({ implementation, subject, clauses, before, after, reason }) => {
      const name = implementation === undefined ? subject : `${implementation}: ${subject}`;
      return [name, clauses[0] ?? '', before ?? 'absent', after ?? 'absent', reason].map(inline);
    });
    const more = own.length - rows.length;
    return [
      '',
      `## ${titles[kind]} (${own.length})`,
      '',
      ...table(['Case', 'Clause', 'Before', 'After', 'Reason'], rows),
      ...(more > 0 ? ['', `*${more} more are in the JSON report.*`] : []),
    ];
  };
  return markdownText([
    ...headLines('Changes between two reports', verdict),
    `${inline(old.file)} → ${inline(fresh.file)}`,
    ...comparison.remarks.map((remark) => `\n> ${inline(remark)}`),
    ...(['newly failing', 'newly passing', 'new', 'removed', 'other'] as const).flatMap(section),
    '',
    `${tool.name} ${tool.version}`,
  ]);
}
