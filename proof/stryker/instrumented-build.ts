import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { packageRoot } from '../../base/package.ts';
import { type Instrumented, instrument, type Mutant } from './instrument.ts';
import { mutatedFiles } from './subjects.ts';

/** Folder of the instrumented build. It is below the root of the package, whose version the runtime reports. */
const folder = join(packageRoot(), 'dist', 'proof', 'stryker-build');

/** The instrumented runtime as a library, for trials in this process. */
export const libraryFile = join(folder, 'instrumented-library.js');
/** The instrumented runtime as a program, for trials in a process of its own. */
export const programFile = join(folder, 'instrumented-main.js');

/** An instrumented build of the reference runtime. */
export interface InstrumentedBuild {
  readonly mutants: readonly Mutant[];
  /** Identifies the sources of the build. The ids of its mutants are valid only for the same sources. */
  readonly digest: string;
}

/** Builds the reference runtime with all mutants. */
export async function buildInstrumented(): Promise<InstrumentedBuild> {
  const instrumented = await instrument(mutatedFiles);
  await rm(folder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: packageRoot(),
    metafile: true,
    entryPoints: ['instrumented-library', 'instrumented-main'].map((name) =>
      join(packageRoot(), 'proof', 'stryker', `${name}.ts`),
    ),
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    // Optional native modules of a library.
    external: ['*.node'],
    plugins: [withMutants(instrumented)],
    // CommonJS libraries expect `require`.
    banner: {
      js: [
        "import { createRequire as makeRequire } from 'node:module';",
        'const require = makeRequire(import.meta.url);',
        'const __dirname = import.meta.dirname;',
      ].join('\n'),
    },
  });
  const hash = createHash('sha256');
  for (const path of Object.keys(metafile.inputs).filter(isOwn).sort()) {
    const source = instrumented.sources.get(path) ?? (await readFile(join(packageRoot(), path), 'utf8'));
    hash.update(`${path}\n${source.length}\n${source}`);
  }
  return { mutants: instrumented.mutants, digest: hash.digest('hex') };
}

/** Returns whether an input of the build is a file of this repository. */
function isOwn(path: string): boolean {
  return path.endsWith('.ts') && !path.includes('node_modules/');
}

/** Replaces the sources of mutated files by their instrumented forms. */
function withMutants({ sources }: Instrumented): Plugin {
  return {
    name: 'with-mutants',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]reference-runtime[\\/].*\.ts$/ }, ({ path }) => {
        const contents = sources.get(relative(packageRoot(), path).replaceAll('\\', '/'));
        return contents === undefined ? undefined : { contents, loader: 'ts' };
      });
    },
  };
}
