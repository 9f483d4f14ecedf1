import { groupBy } from '../../base/group.ts';
import { markdownTable } from '../docs/markdown-table.ts';
import {
  brokenClauses,
  isImprecise,
  isRight,
  medianViolated,
  mostViolated,
  scoredRows,
  shareRight,
} from './isolation.ts';
import type { Row } from './matrix.ts';
import { type FaultReport, summaryOf } from './report.ts';

/**
 * The page of a run of the whole suite against each fault: how precisely its reports name the broken clauses. Between
 * comments that name its date and command, as `renderMarkdown` writes them.
 */
export function renderIsolation(report: FaultReport, recording: { date: string; command: string }): string {
  const scored = scoredRows(report.matrix);
  const unscored = report.matrix.rows.filter((row) => !scored.includes(row));
  const vague = scored.filter((row) => row.violated.length > 1 || !isRight(row));
  const declared = scored.flatMap(({ fault: { name, clause, alsoBreaks = [] } }) =>
    alsoBreaks.map((other) => [name, clause, other.clause, other.reason]),
  );
  const lines = [
    `<!-- recorded: ${recording.date}, ${recording.command} -->`,
    '# Fault isolation',
    '',
    'The whole suite runs against each deliberate fault of the reference runtime, as it runs against the runtime of an',
    'author. The report should then name the clause that the fault breaks first, and few others. Cases that start further',
    'instances run only against faults of their clauses, and long cases only against faults of their chapters.',
    '',
    ...summaryOf(report).map((line) => `- ${line}`),
    `- required: right for ${100 * shareRight} %, median ${medianViolated}, most ${mostViolated}`,
    '',
    'The command `npm run prove -- runtime --whole-suite` takes a long time, because it runs the suite once for each fault.',
    '`npm run prove -- runtime --isolation 24` does it for a sample, and requires the same of the sample.',
    '',
    '## Violated clauses per fault',
    '',
    ...table(['Violated clauses', 'Faults', 'First finding right'], distributionOf(scored)),
    '## Reports that name another clause first, or several clauses',
    '',
    ...table(['Fault', 'Clause', 'First finding', 'Violated'], vague.map(vagueRow)),
    '## Faults that break several clauses by definition',
    '',
    'The first finding may name any of these clauses. All of them count as violated.',
    '',
    ...table(['Fault', 'Clause', 'Further clause', 'Reason'], declared),
    '## Faults without a score',
    '',
    'Against these faults, the target never became ready, or only cases of advice failed, which are not findings.',
    '',
    ...table(['Fault', 'Clause', 'Caught by'], unscored.map(unscoredRow)),
    '<!-- /recorded -->',
  ];
  return `${lines.join('\n')}\n`;
}

/** The number of faults, and those of them whose first finding is right, for each number of violated clauses. */
function distributionOf(scored: readonly Row[]): readonly (readonly string[])[] {
  return [...groupBy(scored, ({ violated }) => violated.length)]
    .sort(([one], [other]) => one - other)
    .map(([count, rows]) => [count, rows.length, rows.filter(isRight).length].map(String));
}

function vagueRow(row: Row): readonly string[] {
  const { fault, firstFinding, violated } = row;
  const mark = isImprecise(row) ? ' (imprecise)' : '';
  const own = brokenClauses(fault);
  const ordered = [...violated].sort((one, other) => Number(own.includes(other)) - Number(own.includes(one)));
  return [fault.name, fault.clause, `${firstFinding}${mark}`, ordered.join(', ')];
}

function unscoredRow({ fault, byItsClause }: Row): readonly string[] {
  return [fault.name, fault.clause, byItsClause[0] ?? 'none'];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? ['None.', ''] : [markdownTable(head, rows), ''];
}
