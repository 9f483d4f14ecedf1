import { count } from '../text/text.ts';
import type { HistoryEntry, ImplementationHistory } from './history.ts';
import { type Markup, markup } from './markup.ts';
import { hashOf } from './slug.ts';

/** An entry of the feed: the first run of an implementation, or one whose conclusion or failing cases changed. */
export interface NotableRun extends HistoryEntry {
  readonly name: string;
}

/** Returns the news of all implementations, the newest first. */
export function newsOf(histories: readonly ImplementationHistory[]): readonly NotableRun[] {
  return histories
    .flatMap(({ name, entries, complete }) =>
      entries
        .filter(({ run, changes }) => changes?.isNotable ?? run === complete[0])
        .map((entry) => ({ ...entry, name })),
    )
    .sort((one, other) =>
      one.run.startedAt === other.run.startedAt ? 0 : one.run.startedAt < other.run.startedAt ? 1 : -1,
    );
}

/** Maximum number of entries. */
const maxEntries = 100;

/**
 * Renders the news as an Atom feed (RFC 4287). The ids of entries do not depend on where the site is published.
 * @param baseUrl where the site is published. Without it, links are relative to the feed
 */
export function atomFeed(news: readonly NotableRun[], baseUrl: URL | undefined): Markup {
  const link = (path: string) => (baseUrl === undefined ? path : new URL(path, baseUrl).href);
  const [newest] = news;
  return markup`
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>${uuid(`feed ${baseUrl?.href ?? ''}`)}</id>
<title>MCP runtime conformance</title>
<updated>${newest?.run.startedAt ?? '1970-01-01T00:00:00.000Z'}</updated>
<author><name>mcp-runtime-conformance</name></author>
<link rel="alternate" type="text/html" href="${link('index.html')}"/>
${baseUrl && markup`<link rel="self" type="application/atom+xml" href="${link('feed.xml')}"/>`}
${news.slice(0, maxEntries).map(
  (entry) => markup`
<entry>
<id>${uuid(`${entry.run.slug}/${entry.run.id}`)}</id>
<title>${titleOf(entry)}</title>
<updated>${entry.run.startedAt}</updated>
<link rel="alternate" type="text/html" href="${link(`${entry.run.slug}/runs/${entry.run.id}.html`)}"/>
<summary>${summaryOf(entry)}</summary>
</entry>
`,
)}
</feed>
`;
}

function titleOf({ name, run, changes }: NotableRun): string {
  const was =
    changes && changes.before.conclusion !== run.conclusion ? `, was ${changes.before.conclusion}` : '';
  return `${name.slice(0, 200)}: ${run.conclusion}${was}`;
}

function summaryOf({ run, changes }: NotableRun): string {
  const judged = `kit ${run.tool.version}${run.release ? `, contract ${run.release}` : ''}`;
  const words = changes ? changesInWords(changes) : [];
  return [`${run.sentence} (${judged})`, ...(words.length > 0 ? [words.join(', ')] : [])].join('; ');
}

/** Describes changes as a list of counts. Cases that only one kit has are not changes of the target. */
export function changesInWords({
  before,
  after,
  basis,
  newlyFailing,
  newlyPassing,
  otherwise,
  added,
  removed,
}: NonNullable<HistoryEntry['changes']>): readonly string[] {
  if (after.conclusion === 'not tested') return ['the target could not be tested'];
  if (before.conclusion === 'not tested')
    return ['not compared, because the run before could not test the target'];
  const counts: readonly (readonly [number, string])[] = [
    [newlyFailing.length, 'newly failing'],
    [newlyPassing.length, 'newly passing'],
    [otherwise.length, 'with another outcome'],
    ...(basis.length > 0
      ? []
      : ([
          [added.length, 'added'],
          [removed.length, 'removed'],
        ] as const)),
  ];
  return counts.flatMap(([amount, words]) => (amount === 0 ? [] : [`${count(amount, 'case')} ${words}`]));
}

/** Makes a stable URN of a text (a UUID of version 8). */
function uuid(text: string): string {
  const digits = hashOf(`mcp-runtime-conformance ${text}`, 32);
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
