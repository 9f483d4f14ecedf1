// Puts a program into few files: most of what its start costs is finding and reading the several hundred modules of its
// libraries, and the runtime is started many times in a run. The library form beside it in dist/ stays.
// node bundle.mjs ENTRY FOLDER [--command]
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, renderNotices } from './notices.mjs';

const [entry, outdir, kind] = process.argv.slice(2);

/** A tenth of the runtime's start is a loader of protos that only the books of grpc-js (channelz) use, which are off. */
const withoutProtoLoader = {
  name: 'without-proto-loader',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'without-proto-loader';
    onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /.*/, namespace }, () => ({
      contents:
        "exports.loadSync = () => { throw new Error('protos are not loaded while the program runs'); };",
    }));
  },
};

// The names of the parts change with what is in them: what an earlier build left would be packed, too.
rmSync(outdir, { recursive: true, force: true });

const { metafile } = await build({
  entryPoints: [entry],
  outdir,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  metafile: true,
  logLevel: 'warning',
  // Binaries that a library takes where they were built, and does without.
  external: ['cpu-features', '*.node'],
  plugins: [withoutProtoLoader],
  // What libraries in CommonJS take for given: to require node's own modules, and to know where they are.
  banner: {
    js: [
      "import { createRequire as makeRequire } from 'node:module';",
      'const require = makeRequire(import.meta.url);',
      'const __dirname = import.meta.dirname;',
    ].join('\n'),
  },
});

writeFileSync(join(outdir, 'THIRD_PARTY_NOTICES'), renderNotices(bundledPackages(metafile)));

// Node takes some options for its own wherever they stand, `--env-file` among them, but none after `--`. These lines are
// a program for the shell and for JavaScript alike: to the one an empty command before another, to the other a string.
if (kind === '--command') {
  const command = join(outdir, basename(entry));
  const program = readFileSync(command, 'utf8').replace(/^#!.*\n/, '');
  writeFileSync(command, `#!/bin/sh\n':' //; exec node -- "$0" "$@"\n${program}`);
}
