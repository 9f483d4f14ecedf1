import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { BuildError } from './build-error.ts';
import type { FastPath } from './fast-path.ts';
import { programSide } from './program-side.ts';

/** The Rust runtime, compared with tonic alone. Requires Rust. */
export const rustPath: FastPath = {
  name: 'rust',
  about: 'the Rust runtime against a bare tonic server',
  bar: 2,
  async start(context) {
    const runtime = await build('runtimes/rust');
    const echo = await build('proof/fast-paths/rust-echo');
    return {
      product: await programSide('Rust runtime', runtime, context),
      floor: await programSide('tonic', echo, context),
    };
  },
};

/** The message of cargo about a program that it has built. */
interface Artifact {
  readonly executable?: string | null;
}

/**
 * Builds the program of a crate for release.
 * @param folder the folder of the crate
 * @returns the path of the program
 * @throws BuildError
 */
async function build(folder: string): Promise<string> {
  const cargo = $({ quiet: true, nothrow: true, cwd: join(packageRoot(), folder) });
  const { exitCode, stdout, stderr } =
    await cargo`cargo build --quiet --release --locked --message-format json-render-diagnostics`;
  const program = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Artifact)
    .findLast(({ executable }) => typeof executable === 'string')?.executable;
  if (exitCode === 0 && typeof program === 'string') return program;
  throw new BuildError(`cargo cannot build ${folder}: ${stderr.trim()}`);
}
