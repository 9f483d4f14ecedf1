// Bundles a program into few files. Otherwise most of its start time goes into finding and reading the modules of its
// libraries, and a run starts the runtime many times. The unbundled library stays in dist/.
// node bundle.mjs ENTRY FOLDER [--command]
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, npmComponent, renderNotices } from './notices.mjs';
import { renderSbom } from './third-party/sbom.mjs';

const [entry, outdir, kind] = process.argv.slice(2);

/** Replaces the proto loader, which slows the start. grpc-js uses it only for channelz, which is disabled. */
const withoutProtoLoader = {
  name: 'without-proto-loader',
  setup: ({ onResolve, onLoad }) => {
    const namespace = 'without-proto-loader';
    onResolve({ filter: /^@grpc\/proto-loader$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /.*/, namespace }, () => ({
      contents:
        "exports.loadSync = () => { throw new Error('loading protos at run time is not supported'); };",
    }));
  },
};

// The names of the chunks depend on their content, so chunks of an earlier build would also be packed.
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
  // Optional native modules of a library.
  external: ['cpu-features', '*.node'],
  plugins: [withoutProtoLoader],
  // CommonJS libraries expect `require` and `__dirname`.
  banner: {
    js: [
      "import { createRequire as makeRequire } from 'node:module';",
      'const require = makeRequire(import.meta.url);',
      'const __dirname = import.meta.dirname;',
    ].join('\n'),
  },
});

const packages = bundledPackages(metafile);
const { name, version } = JSON.parse(readFileSync('package.json', 'utf8'));
const subject = { name: `${name}/${outdir}`, version };
writeFileSync(join(outdir, 'THIRD_PARTY_NOTICES'), renderNotices(packages));
writeFileSync(join(outdir, 'sbom.cdx.json'), renderSbom(subject, packages.map(npmComponent)));

// Node consumes some options in any position, such as `--env-file`, but not after `--`. Therefore the file is both a
// shell script, which runs node with `--`, and a JavaScript program, in which the same line is a string and a comment.
if (kind === '--command') {
  const command = join(outdir, basename(entry));
  const program = readFileSync(command, 'utf8').replace(/^#!.*\n/, '');
  writeFileSync(command, `#!/bin/sh\n':' //; exec node -- "$0" "$@"\n${program}`);
}
