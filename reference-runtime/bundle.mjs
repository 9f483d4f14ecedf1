// Puts the runtime's process into few files: a runtime is started many times in a run, and most of what a start costs is
// finding and reading the several hundred modules of its libraries. The library form in dist/reference-runtime stays.
// node reference-runtime/bundle.mjs ENTRY FOLDER
import { build } from 'esbuild';

const [entry, outdir] = process.argv.slice(2);

await build({
  entryPoints: [entry],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
  // Libraries in CommonJS require node's own modules.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);",
  },
});
