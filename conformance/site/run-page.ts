import type { ClauseDocument, RunDocument } from '../compare/document.ts';
import { cut } from '../text/text.ts';
import { clausesInWords } from './conclusions.ts';
import { type Markup, markup, named } from './markup.ts';
import { renderPage } from './page.ts';
import { clauseBar, pill, timeOf } from './parts.ts';
import type { SiteRun } from './site-run.ts';

/**
 * Renders the page of one run: its verdict, who judged it, the findings, and the clauses that are not held. It depends
 * on nothing but its own report, so that it stays the same when other reports are added.
 * @param full the file of the full report, in the same folder. Undefined if there is none
 */
export function runPage(run: SiteRun, document: RunDocument, full: string | undefined): string {
  const { name, label, server, tool, release, level, sentence } = run;
  const clauses = document.error === undefined ? document.clauses : [];
  const advice = document.error === undefined ? '' : document.error.advice;
  return renderPage({
    title: `${name.slice(0, 100)}, ${run.startedAt.slice(0, 10)} · MCP runtime conformance`,
    root: '../../',
    content: markup`
<p class="path"><a href="../index.html">${named(name)}</a></p>
<h1>Run of ${timeOf(run)} UTC</h1>
<p class="lead">${pill(run)} ${named(sentence)}</p>
${advice === '' ? undefined : markup`<p>${named(advice)}</p>`}
${full && markup`<p><a class="button" href="${full}">Full report with all cases and evidence</a> <span class="meta">needs JavaScript</span></p>`}
${clauseBar(run)}
<dl class="facts">
${server && markup`<dt>Server</dt><dd>${named(server)}</dd>`}
<dt>Target</dt><dd>${named(label)}</dd>
<dt>Judged by</dt><dd>kit ${named(cut(tool.version, 60))}${release && `, contract ${release}`}, level ${level}</dd>
<dt>Clauses</dt><dd>${clausesInWords(run)}</dd>
</dl>
${findingTable(run, full)}
${clauseTable(
  clauses.filter(({ standing }) => standing !== 'held' && standing !== 'not declared'),
  full,
)}
`,
  });
}

/** Returns the address of a place in the full report. */
function placeIn(full: string, ...path: readonly string[]): string {
  return `${full}#/${path.map((part) => encodeURIComponent(cut(part, 300).replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll('%2F', '/')).join('/')}`;
}

/** Links a name to its place in the full report, if there is one. */
function linked(name: string, full: string | undefined, ...path: readonly string[]): Markup {
  return full === undefined ? named(name) : markup`<a href="${placeIn(full, ...path)}">${named(name)}</a>`;
}

/** Maximum number of findings and clauses on the page, and of cases in one row. The full report has all. */
const maxRows = 200;
const maxCases = 20;

function caseList(ids: readonly string[], full: string | undefined): Markup {
  const shown = ids.slice(0, maxCases).map((id) => markup`<code>${linked(id, full, 'case', id)}</code> `);
  return markup`${shown}${ids.length > maxCases ? `and ${ids.length - maxCases} more` : undefined}`;
}

function findingTable({ findings }: SiteRun, full: string | undefined): Markup | undefined {
  if (findings.length === 0) return undefined;
  return markup`
<h2>Findings, in the order in which to fix them</h2>
<div class="sheet"><table class="tight">
<thead><tr><th scope="col">Clause</th><th scope="col">First difference</th><th scope="col">Cases</th></tr></thead>
<tbody>
${findings.slice(0, maxRows).map(
  ({ clause, summary, cases, blocked }, place) => markup`
<tr><th scope="row" class="name">${linked(clause, full, 'finding', `${place + 1}`)}</th><td>${named(summary)}</td><td>${caseList(cases, full)}${blocked.length > 0 ? markup`<small>blocked: ${caseList(blocked, full)}</small>` : undefined}</td></tr>
`,
)}
</tbody>
</table></div>
`;
}

function clauseTable(clauses: readonly ClauseDocument[], full: string | undefined): Markup | undefined {
  if (clauses.length === 0) return undefined;
  return markup`
<h2>Clauses that are not held</h2>
<div class="sheet"><table class="tight">
<thead><tr><th scope="col">Clause</th><th scope="col">Level</th><th scope="col">Standing</th><th scope="col">Cases that check it</th></tr></thead>
<tbody>
${clauses.slice(0, maxRows).map(
  ({ clause, level, standing, cases }) => markup`
<tr><th scope="row" class="name">${linked(clause, full, 'clause', clause)}</th><td>${named(level)}</td><td>${standing}</td><td>${caseList(cases, full)}</td></tr>
`,
)}
</tbody>
</table></div>
`;
}
