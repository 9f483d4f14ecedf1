import { count } from '../text/text.ts';
import type { NotableRun } from './feed.ts';
import { markup } from './markup.ts';
import { newsList } from './news-list.ts';
import { renderPage } from './page.ts';

/** Maximum number of runs on the page. */
const maxNews = 300;
/** Number of runs whose changes are visible at first. */
const openNews = 3;

/** Renders the page of all runs whose conclusion or failing cases changed, the newest first. */
export function historyPage(news: readonly NotableRun[]): string {
  const more = news.length - maxNews;
  return renderPage({
    title: 'Changes · MCP runtime conformance',
    root: '',
    current: 'history',
    content: markup`
<h1>Changes</h1>
<p class="lead">Runs whose verdict or failing cases differ from the run before, and the first run of each implementation.</p>
<p class="meta">If the kit, the contract or the level changed between two runs, the change is marked. Cases that only one of them has do not count as changes of the target then.</p>
${newsList(news.slice(0, maxNews), '', openNews)}
${more > 0 ? markup`<p class="faint">${count(more, 'older run')} on the pages of the implementations</p>` : undefined}
`,
  });
}
