import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../base/package.ts';
import { compressed } from './compressed.ts';
import type { PageData } from './data/index.ts';
import { describePage } from './describe-page.ts';
import { embedded, escaped } from './embedded.ts';

/** Thrown if the app of the page was not built. */
export class AppMissingError extends Error {
  override readonly name = 'AppMissingError';
  readonly code = 'app-missing';

  constructor(folder: string, cause: unknown) {
    super(`the app of HTML reports is not in ${folder}: run npm run build`, { cause });
  }
}

/** The program and the styles of the page. */
interface App {
  readonly script: string;
  readonly styles: string;
}

let loaded: App | undefined;

/**
 * Renders a page as one self-contained file. Its policy allows nothing but its own script and styles, so that the page
 * makes no request, and text from a target stays text.
 * @throws AppMissingError if the app was not built
 */
export function renderHtmlPage(data: PageData): string {
  const { script, styles } = loadApp();
  const { title, summary } = describePage(data);
  const { evidence, ...rest } = data;
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(styles)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${styles}</style>
</head>
<body>
<div id="app"><noscript><p>${escaped(summary)}</p><p>The details of this report need JavaScript.</p></noscript></div>
<script type="application/json" id="report">${embedded(rest)}</script>
<script type="text/plain" id="evidence">${compressed(evidence)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function loadApp(): App {
  if (loaded !== undefined) return loaded;
  const folder = join(packageRoot(), 'dist', 'html');
  try {
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    loaded = { script: read('app.js'), styles: read('app.css') };
  } catch (error) {
    throw new AppMissingError(folder, error);
  }
  return loaded;
}
