// Puts a program into few files: most of what its start costs is finding and reading the several hundred modules of its
// libraries, and the runtime is started many times in a run. The library form beside it in dist/ stays.
// node bundle.mjs ENTRY FOLDER
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
  // Loaded only for images, and larger than all the rest.
  external: ['testcontainers'],
  // Libraries in CommonJS require node's own modules.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module';\nconst require = makeRequire(import.meta.url);",
  },
});
