// Puts the mutants' process into few files, as the runtime's: every mutant is started a dozen times.
import { build } from 'esbuild';

await build({
  entryPoints: ['dist/mutants/main.js'],
  outdir: 'dist/mutants/bundled',
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
