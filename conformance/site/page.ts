import { createHash } from 'node:crypto';
import { Markup, markup } from './markup.ts';
import { style } from './style.ts';

/** A page of the site. */
export interface Page {
  readonly title: string;
  /** The path from the folder of the page to the top of the site: empty, or `../`. */
  readonly root: string;
  /** The entry of the navigation that this page is. */
  readonly current?: 'latest' | 'history';
  readonly content: Markup;
}

// A policy by hash allows the style sheet of the page and nothing else: no script, no image, no request.
const styleHash = createHash('sha256').update(style).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;

/** Renders a page as an HTML document that needs no other file and no script. */
export function renderPage({ title, root, current, content }: Page): string {
  const here = (name: Page['current']) => (name === current ? markup` aria-current="page"` : undefined);
  return markup`
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="alternate" type="application/atom+xml" title="Changes" href="${root}feed.xml">
<style>${new Markup(style)}</style>
</head>
<body>
<header>
<a class="brand" href="${root}index.html">MCP runtime conformance</a>
<nav aria-label="Pages"><a href="${root}index.html"${here('latest')}>Latest</a><a href="${root}history.html"${here('history')}>Changes</a><a href="${root}feed.xml">Feed</a></nav>
</header>
<main>
${content}
</main>
<footer>
<p>Each run is shown as the kit of that run judged it. Old reports are never judged again.</p>
</footer>
</body>
</html>
`.toString();
}
