import type { RunDocument } from '../compare/document.ts';
import { badgeOf, badgeSvg, eraBadgeOf, shieldsJson } from './badge.ts';
import { collectRuns } from './collect.ts';
import { atomFeed, newsOf } from './feed.ts';
import { historiesOf, type ImplementationHistory } from './history.ts';
import { historyPage } from './history-page.ts';
import { implementationPage } from './implementation-page.ts';
import { indexPage } from './index-page.ts';
import { runPage } from './run-page.ts';
import { SiteError } from './site-error.ts';
import { SiteFolder } from './site-folder.ts';
import type { SiteRun } from './site-run.ts';

/** A site to make. */
export interface SiteRequest {
  /** The folder with JSON reports, also in its subfolders. */
  readonly from: string;
  /** The folder to write: an empty or missing folder, or an earlier site. */
  readonly to: string;
  /** Where the site is published, with a slash at the end. Without it, the feed has relative links. */
  readonly baseUrl?: URL;
  /** Renders the full report of a run as an HTML file. Without it, runs have only a page in brief. */
  readonly renderReport?: (document: RunDocument) => string;
  /** Called with a line for each file that is skipped. */
  readonly onSkip: (line: string) => void;
}

/** The content of a site. */
export interface SiteSummary {
  readonly implementations: number;
  readonly runs: number;
}

/**
 * Makes static pages from the reports in a folder. The same reports give the same files, whenever and wherever the site
 * is made.
 * @throws SiteError, ReportFileError
 */
export async function makeSite(request: SiteRequest): Promise<SiteSummary> {
  const { from, to, baseUrl, renderReport, onSkip } = request;
  await using folder = await SiteFolder.begin(to);
  const runs: SiteRun[] = [];
  const names = new Map<string, string>();
  for await (const { run, document } of collectRuns(from, onSkip)) {
    requireOwnFolder(run, names);
    runs.push(run);
    const full = renderReport && `${run.id}-report.html`;
    await folder.write(`${run.slug}/runs/${run.id}.html`, runPage(run, document, full));
    if (renderReport && full) await folder.write(`${run.slug}/runs/${full}`, renderReport(document));
  }
  if (runs.length === 0) {
    throw new SiteError(`${from} has no reports; write them with --report json=FILE`);
  }
  const histories = historiesOf(runs);
  const news = newsOf(histories);
  await folder.write('index.html', indexPage(histories, news));
  await folder.write('history.html', historyPage(news));
  await folder.write('feed.xml', atomFeed(news, baseUrl).toString());
  for (const history of histories) await writeImplementation(folder, history, baseUrl);
  await folder.publish();
  return { implementations: histories.length, runs: runs.length };
}

/** @param names names of implementations by folder, to which the function adds that of the run */
function requireOwnFolder({ slug, name }: SiteRun, names: Map<string, string>): void {
  if ((names.get(slug) ?? name) !== name) {
    throw new SiteError(`two implementations have the folder ${slug}; rename one of them`);
  }
  names.set(slug, name);
}

async function writeImplementation(
  folder: SiteFolder,
  history: ImplementationHistory,
  baseUrl: URL | undefined,
): Promise<void> {
  const { slug, latest } = history;
  await folder.write(`${slug}/index.html`, implementationPage(history, baseUrl));
  const badges = [
    { file: 'badge', badge: badgeOf(latest) },
    ...latest.eras.map((era) => ({ file: `badge-${era.era}`, badge: eraBadgeOf(latest, era) })),
  ];
  for (const { file, badge } of badges) {
    await folder.write(`${slug}/${file}.svg`, badgeSvg(badge).toString());
    await folder.write(`${slug}/${file}.json`, shieldsJson(badge));
  }
}
