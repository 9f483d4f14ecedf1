import { changesInWords, type NotableRun } from './feed.ts';
import { type Markup, markup, named } from './markup.ts';
import { basisNote, changeLists, pill, timeOf } from './parts.ts';

/**
 * Renders runs with their changes.
 * @param root the path to the top of the site
 * @param open number of runs whose changes are visible at first
 */
export function newsList(news: readonly NotableRun[], root: string, open = 0): Markup {
  return markup`<ul class="news">${news.map((each, place) => itemOf(each, root, place < open))}</ul>`;
}

function itemOf(news: NotableRun, root: string, isOpen: boolean): Markup {
  const { name, run, changes } = news;
  const words = changes ? changesInWords(changes) : ['first run'];
  const was = changes && changes.before.conclusion !== run.conclusion ? changes.before.conclusion : undefined;
  return markup`
<li>
<div><a href="${root}${run.slug}/runs/${run.id}.html">${timeOf(run)}</a> <strong><a href="${root}${run.slug}/index.html">${named(name)}</a></strong> ${pill(run)} ${was && markup`<span class="faint">was ${was}</span>`} ${basisNote(news)}</div>
<p>${words.join(', ') || 'no case changed'}</p>
${changes && hasLists(changes) ? markup`<details${isOpen ? markup` open` : undefined}><summary>Cases and findings</summary>${changeLists(changes)}</details>` : undefined}
</li>
`;
}

function hasLists(changes: NonNullable<NotableRun['changes']>): boolean {
  const { newFindings, resolvedFindings, newlyFailing, newlyPassing, otherwise, added, removed } = changes;
  return [newFindings, resolvedFindings, newlyFailing, newlyPassing, otherwise, added, removed].some(
    (list) => list.length > 0,
  );
}
