import type { RunDocument } from '../compare/document.ts';
import { clausesInWords } from './conclusions.ts';
import { markup, named } from './markup.ts';
import { renderPage } from './page.ts';
import { clauseBar, findingList, pill, timeOf } from './parts.ts';
import type { SiteRun } from './site-run.ts';

/**
 * Renders the page of one run. It depends on nothing but its own report, so that it stays the same when other reports
 * are added.
 */
export type RenderRunPage = (run: SiteRun, document: RunDocument) => string;

/** Renders a run in brief: its verdict, who judged it, findings, and the clauses that are not held. */
export const plainRunPage: RenderRunPage = (run, document) => {
  const { name, label, server, tool, release, level, sentence, findings } = run;
  const clauses = document.error === undefined ? document.clauses : [];
  const open = clauses.filter(({ standing }) => standing !== 'held' && standing !== 'not declared');
  return renderPage({
    title: `${name.slice(0, 100)}, ${run.startedAt.slice(0, 10)} · MCP runtime conformance`,
    root: '../../',
    content: markup`
<p class="meta"><a href="../index.html">${named(name)}</a></p>
<h1>Run of ${timeOf(run)}</h1>
<p class="lead">${pill(run)} ${named(sentence)}</p>
${clauseBar(run)}
<dl class="facts">
${server && markup`<dt>Server</dt><dd>${named(server)}</dd>`}
<dt>Target</dt><dd>${named(label)}</dd>
<dt>Judged by</dt><dd>kit ${named(tool.version)}${release && `, contract ${release}`}, level ${level}</dd>
<dt>Clauses</dt><dd>${clausesInWords(run)}</dd>
</dl>
${findingList('Findings, in the order in which to fix them', findings)}
${
  open.length === 0
    ? undefined
    : markup`<h2>Clauses that are not held</h2><table class="tight"><thead><tr><th scope="col">Clause</th><th scope="col">Level</th><th scope="col">Standing</th><th scope="col">Cases</th></tr></thead><tbody>${open.map(
        ({ clause, level: of, standing, cases }) =>
          markup`<tr><th scope="row">${named(clause)}</th><td>${named(of)}</td><td>${standing}</td><td>${cases.slice(0, 20).map((id) => markup`<code>${named(id)}</code> `)}</td></tr>`,
      )}</tbody></table>`
}
`,
  });
};
