// Puts the runtime's process into few files: a runtime is started many times in a run, and most of what a start costs is
// finding and reading the several hundred modules of its libraries. The library form in dist/reference-runtime stays.
import { build } from 'esbuild';

await build({
  entryPoints: ['dist/reference-runtime/main.js'],
  outdir: 'dist/runtime',
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
