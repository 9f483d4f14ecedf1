// Bundles the app of HTML reports into one script and one style sheet, which each report contains.
// node bundle-app.mjs FOLDER
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, renderNotices } from './notices.mjs';

const [outdir] = process.argv.slice(2);

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });

const { metafile, outputFiles } = await build({
  entryPoints: { app: 'conformance/formats/html/app/main.tsx' },
  outdir,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  charset: 'ascii',
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
});

const notices = renderNotices(bundledPackages(metafile));
writeFileSync(join(outdir, 'THIRD_PARTY_NOTICES'), notices);

for (const { path, text } of outputFiles) {
  const isScript = path.endsWith('.js');
  // A report is a copy of the code, so it carries the notices too.
  const content = isScript ? `/*\n${notices.replaceAll('*/', '* /')}*/\n${text}` : text;
  if (/<\/(script|style)|<!--/i.test(content)) throw new Error(`${path} would end its element in a page`);
  writeFileSync(path, content);
}
