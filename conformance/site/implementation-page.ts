import { badgeOf, badgeSvg, eraBadgeOf } from './badge.ts';
import { clausesInWords, eraInClauses, eraTone } from './conclusions.ts';
import { changesInWords } from './feed.ts';
import type { HistoryEntry, ImplementationHistory } from './history.ts';
import { type Markup, markup, named } from './markup.ts';
import { renderPage } from './page.ts';
import {
  basisNote,
  caseCell,
  changeLists,
  clauseBar,
  clauseCell,
  findingList,
  kitCell,
  pill,
  timeOf,
} from './parts.ts';
import type { SiteRun } from './site-run.ts';
import { trendOf } from './trend.ts';

/** Number of runs whose changes are visible at first. */
const openRuns = 2;

/**
 * Renders the page of an implementation: its latest outcome, trends, badges and all runs.
 * @param baseUrl where the site is published, for the address of the badge
 */
export function implementationPage(history: ImplementationHistory, baseUrl: URL | undefined): string {
  const { name, latest, entries, complete } = history;
  const trends = (['clauses', 'cases'] as const).flatMap((measure) => trendOf(measure, complete) ?? []);
  const newestFirst = entries.toReversed();
  return renderPage({
    title: `${name.slice(0, 100)} · MCP runtime conformance`,
    root: '../',
    content: markup`
<h1>${named(name)}</h1>
<p class="lead">${pill(latest)} ${named(latest.sentence)}</p>
${clauseBar(latest)}
${factList(latest)}
${latest.findings.length > 0 ? markup`<h2>Findings</h2>${findingList('In the order in which to fix them', latest.findings)}` : undefined}
${
  trends.length === 0
    ? undefined
    : markup`<h2>Trend</h2><div class="pair">${trends.map((trend) => markup`<div class="panel">${trend}</div>`)}</div>`
}
<h2>Runs</h2>
<div class="sheet"><table class="wide" role="table">
<thead role="rowgroup"><tr role="row">${columns.map((column) => markup`<th role="columnheader" scope="col">${column}</th>`)}</tr></thead>
<tbody role="rowgroup">
${newestFirst.map((entry, place) => runRow(entry, place < openRuns))}
</tbody>
</table></div>
${badgeSection(history, baseUrl)}
`,
  });
}

function factList(run: SiteRun): Markup {
  const { label, server, level, release, tool, eras, id } = run;
  const facts: readonly (readonly [string, Markup | undefined])[] = [
    ['Server', server === undefined ? undefined : named(server)],
    ['Target', named(label)],
    ['Judged by', markup`kit ${named(tool.version)}${release && `, contract ${release}`}, level ${level}`],
    ['Clauses', markup`${clausesInWords(run)}`],
    ...eras.map((era): readonly [string, Markup] => [
      `Era ${era.era}`,
      markup`<span class="${eraTone(era)}">${eraInClauses(era)} held</span>, ${era.cases.passed} of ${era.cases.total} cases passed`,
    ]),
    ['Date', markup`<a href="runs/${id}.html">${timeOf(run)}</a> UTC`],
  ];
  return markup`<dl class="facts">${facts.map(([name, value]) => value && markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

const columns = [
  'Date (UTC)',
  'Verdict',
  'Clauses',
  'Cases passed',
  'Contract',
  'Kit',
  'Changes since the run before',
];

function runRow(entry: HistoryEntry, isOpen: boolean): Markup {
  const { run, changes } = entry;
  return markup`
<tr role="row" id="${run.id}">
<th role="rowheader" scope="row"><a href="runs/${run.id}.html">${timeOf(run)}</a><small>${run.server && named(run.server)}</small></th>
<td role="cell" data-label="Verdict"><span>${pill(run)}</span></td>
<td role="cell" data-label="Clauses"><span>${clauseCell(run)}</span></td>
<td role="cell" data-label="Cases passed">${caseCell(run)}</td>
<td role="cell" data-label="Contract">${run.release ?? '–'}</td>
<td role="cell" data-label="Kit">${kitCell(run)}</td>
<td role="cell" data-label="Changes"><span>${changeCell(entry, isOpen && changes?.isNotable === true)}</span></td>
</tr>
`;
}

function changeCell(entry: HistoryEntry, isOpen: boolean): Markup {
  const { run, changes } = entry;
  if (changes === undefined)
    return markup`<span class="faint">${run.narrowed ? 'a selection, not compared' : 'first run'}</span>`;
  const words = changesInWords(changes).join(', ') || 'no case changed';
  const lists = changeLists(changes);
  const note = basisNote(entry);
  if (lists.toString().trim() === '') return markup`${note} <span class="faint">${words}</span>`;
  return markup`${note}<details${isOpen ? markup` open` : undefined}><summary>${words}</summary>${lists}</details>`;
}

function badgeSection({ slug, latest }: ImplementationHistory, baseUrl: URL | undefined): Markup {
  const badges = [badgeOf(latest), ...latest.eras.map((era) => eraBadgeOf(latest, era))];
  const address = (file: string) => (baseUrl === undefined ? file : new URL(`${slug}/${file}`, baseUrl).href);
  const endpoint =
    baseUrl &&
    `https://img.shields.io/endpoint?url=${encodeURIComponent(new URL(`${slug}/badge.json`, baseUrl).href)}`;
  return markup`
<section class="no-print">
<h2>Badges</h2>
<div class="badges">${badges.map(badgeSvg)}</div>
<code class="snippet">![MCP runtime conformance](${address('badge.svg')})</code>
<p class="meta">Files: <a href="badge.svg">badge.svg</a>, and for an endpoint of shields.io <a href="badge.json">badge.json</a>${latest.eras.map(({ era }) => markup`; for the ${era} era <a href="badge-${era}.svg">badge-${era}.svg</a> and <a href="badge-${era}.json">badge-${era}.json</a>`)}.</p>
${endpoint && markup`<code class="snippet">![MCP runtime conformance](${endpoint})</code>`}
</section>
`;
}
