import { count } from '../text/text.ts';
import { meanings, toneOf } from './conclusions.ts';
import type { NotableRun } from './feed.ts';
import type { ImplementationHistory } from './history.ts';
import { type Markup, markup, named } from './markup.ts';
import { newsList } from './news-list.ts';
import { renderPage } from './page.ts';
import { caseCell, clauseBar, clauseCell, eraList, kitCell, pill, timeCell } from './parts.ts';
import type { Conclusion } from './site-run.ts';
import { sparkline } from './trend.ts';

/** Maximum number of changes on the first page. */
const maxNews = 6;

/** Renders the first page: the latest outcome of each implementation. */
export function indexPage(histories: readonly ImplementationHistory[], news: readonly NotableRun[]): string {
  const used = new Set(histories.map(({ latest }) => latest.conclusion));
  const legend = (Object.keys(meanings) as Conclusion[]).filter((each) => used.has(each));
  const recent = news.filter(({ changes }) => changes !== undefined);
  return renderPage({
    title: 'MCP runtime conformance',
    root: '',
    current: 'latest',
    content: markup`
<h1>Latest by implementation</h1>
<p class="lead">${sentenceOf(histories)}</p>
<div class="sheet"><table class="wide" role="table">
<thead role="rowgroup"><tr role="row">${columns.map((name) => markup`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${histories.map(rowOf)}
</tbody>
</table></div>
<h2>Legend</h2>
<dl class="legend">
${legend.map((conclusion) => markup`<dt>${pill({ conclusion })}</dt><dd>${meanings[conclusion]}</dd>`)}
</dl>
<p class="meta">A clause is held if all cases that check it passed, and violated if a step that checks it failed. Otherwise it is not proven, or accepted if only known failures or advice concern it. The small line shows the share of passed cases in the last runs.</p>
${
  recent.length === 0
    ? undefined
    : markup`<h2>Recent changes</h2>${newsList(recent.slice(0, maxNews), '')}<p><a href="history.html">All changes</a></p>`
}
`,
  });
}

const columns = [
  'Implementation',
  'Verdict',
  'Clauses',
  'Cases passed',
  'Eras',
  'Contract',
  'Kit',
  'Date (UTC)',
];

function sentenceOf(histories: readonly ImplementationHistory[]): string {
  const green = histories.filter(({ latest }) => latest.conclusion.startsWith('conformant'));
  const runs = histories.reduce((sum, { entries }) => sum + entries.length, 0);
  return `${green.length} of ${count(histories.length, 'implementation')} ${green.length === 1 ? 'is' : 'are'} conformant in the latest run. The site has ${count(runs, 'run')}.`;
}

function rowOf({ name, slug, latest, complete }: ImplementationHistory): Markup {
  const { server, cases, level, release } = latest;
  return markup`
<tr role="row">
<th role="rowheader" scope="row"><a href="${slug}/index.html">${named(name)}</a><small>${server && named(server)}</small></th>
<td role="cell" data-label="Verdict"><span>${pill(latest)}<small>at ${level}</small></span></td>
<td role="cell" data-label="Clauses"><span>${clauseCell(latest)}${clauseBar(latest)}</span></td>
<td role="cell" data-label="Cases passed"><span><span class="${cases.passed === cases.total ? '' : toneOf(latest)}">${caseCell(latest)}</span>${sparkline(complete)}</span></td>
<td role="cell" data-label="Eras"><span>${eraList(latest) ?? '–'}</span></td>
<td role="cell" data-label="Contract">${release ?? '–'}</td>
<td role="cell" data-label="Kit">${kitCell(latest)}</td>
<td role="cell" data-label="Date"><a href="${slug}/runs/${latest.id}.html">${timeCell(latest)}</a></td>
</tr>
`;
}
