import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { type GrpcClient, runClientProgram } from './client-program.ts';

/** The message of cargo about a program that it has built. */
interface Artifact {
  readonly target?: { readonly name: string };
  readonly executable?: string | null;
}

const crate = join(packageRoot(), 'runtimes', 'rust');

/**
 * tonic, in the version of the Rust runtime. Needs Rust. With --workspace, cargo reuses the build of `npm run check:rust`.
 * @throws Error if it cannot be built
 */
export async function rustGrpcClient(): Promise<GrpcClient> {
  const words = [
    '--quiet',
    '--locked',
    '--workspace',
    '--example',
    'grpc_client',
    '--message-format',
    'json',
  ];
  const { stdout } = await $({ quiet: true, timeout: '15m', cwd: crate })`cargo build ${words}`;
  const program = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Artifact)
    .find(({ target, executable }) => target?.name === 'grpc_client' && typeof executable === 'string');
  if (typeof program?.executable !== 'string')
    throw new Error('cargo did not report the program grpc_client');
  const { executable } = program;
  return {
    name: `tonic ${await tonicVersion()}`,
    check: (socketPath) => runClientProgram([executable, socketPath]),
  };
}

async function tonicVersion(): Promise<string> {
  const lockFile = await readFile(join(crate, 'Cargo.lock'), 'utf8');
  return /^name = "tonic"\nversion = "(.+)"$/m.exec(lockFile)?.[1] ?? '';
}
