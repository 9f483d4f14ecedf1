import { markdownTable } from '../docs/markdown-table.ts';
import type { FindingKind } from './findings.ts';
import type { ClauseReport, Judged, Report } from './judge.ts';

/** A judged server. */
export interface JudgedSdk {
  readonly title: string;
  readonly report: Report;
  readonly findings: readonly Judged[];
}

/** The words of the table for a clause with findings, by the most serious one. */
const words: Readonly<Record<FindingKind, string>> = {
  specification: '**violated**',
  program: 'violated by the program',
  contract: 'as MCP permits',
  catalog: 'not proven',
};

/** Cases that check the boundary, which the adapter implements instead of the SDK. */
const casesOfAdapter: ReadonlySet<string> = new Set([
  'modern-requests/implied-capabilities',
  'modern-subscriptions/needs-a-stream',
  'modern-subscriptions/expiry',
]);

/** Renders the standing of each clause of MCP 2026-07-28 for each server, and the findings, as Markdown. */
export function renderTables(sdks: readonly JudgedSdk[]): string {
  const titles = titlesOf(sdks);
  const rows = [...titles].map(([clause, title]) => [
    clause,
    title,
    ...sdks.map((sdk) => standingOf(clause, sdk)),
  ]);
  const findings = sdks.flatMap(({ title, findings: own }) =>
    own.map(({ cases, clauses, kind, about, place }) => [
      title,
      clauses.join(', '),
      cases.map((id) => `\`${id}\``).join(', '),
      kind,
      about,
      place,
    ]),
  );
  const clauses = markdownTable(['clause', 'title of a case', ...sdks.map(({ title }) => title)], rows);
  return `${clauses}\n\n## The findings\n\n${markdownTable(['server', 'clause', 'cases', 'kind', 'finding', 'place'], findings)}`;
}

/** Returns the clauses in numerical order, each with the title of the first case that checks it. */
function titlesOf(sdks: readonly JudgedSdk[]): ReadonlyMap<string, string> {
  const titles = new Map<string, string>();
  for (const { report } of sdks) {
    for (const { clause, cases } of report.clauses) {
      if (!clause.startsWith('MODERN-') || titles.has(clause)) continue;
      const own = report.cases.filter(({ id }) => cases.includes(id));
      const first = own.find((each) => each.clauses[0] === clause) ?? own[0];
      titles.set(clause, first?.title ?? '');
    }
  }
  const numberOf = (id: string) => Number(id.split('-')[1]);
  return new Map([...titles].sort(([one], [other]) => numberOf(one) - numberOf(other)));
}

function standingOf(clause: string, { report, findings }: JudgedSdk): string {
  const { standing, cases = [] } = report.clauses.find((each: ClauseReport) => each.clause === clause) ?? {};
  if (cases.length > 0 && cases.every((id) => casesOfAdapter.has(id))) return 'held by the adapter';
  const kinds = new Set(findings.filter((each) => each.clauses.includes(clause)).map(({ kind }) => kind));
  const worst = (Object.keys(words) as FindingKind[]).find((kind) => kinds.has(kind));
  const hasPassed = report.cases.some(({ id, outcome }) => cases.includes(id) && outcome.kind === 'passed');
  if (worst === 'catalog' && hasPassed) return 'partly held';
  if (worst !== undefined) return words[worst];
  return standing ?? 'not declared';
}
