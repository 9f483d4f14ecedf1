import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../../base/package.ts';

/** The runtimes of this repository. */
export const runtimeKinds = ['typescript', 'go', 'rust'] as const;

/** A runtime of this repository. */
export type RuntimeKind = (typeof runtimeKinds)[number];

/** A program and its arguments. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** Thrown if there is no program to start for a runtime. */
export class NoProgramError extends Error {
  override readonly name = 'NoProgramError';
  readonly code = 'no-program';
}

const images = { go: 'mcp-runtime-go:latest', rust: 'mcp-runtime-rust:latest' } as const;

/**
 * Returns the program of a runtime. Those in Go and Rust are copied out of their images, because a container would hide
 * the process from signals and limits of this machine.
 * @param folder gets the copy
 * @throws NoProgramError
 */
export async function runtimeProgram(kind: RuntimeKind, folder: string): Promise<Program> {
  if (kind === 'typescript') {
    return { file: process.execPath, args: [join(packageRoot(), 'dist', 'runtime', 'main.js')] };
  }
  const file = join(folder, `mcp-runtime-${kind}`);
  const image = images[kind];
  const docker = $({ quiet: true, nothrow: true });
  const created = await docker`docker create ${image}`;
  const container = created.stdout.trim();
  if (created.exitCode !== 0) {
    throw new NoProgramError(`there is no image ${image}: build it with npm run images -- ${kind}`);
  }
  const copied = await docker`docker cp ${container}:/mcp-runtime ${file}`;
  await docker`docker rm ${container}`;
  if (copied.exitCode !== 0) throw new NoProgramError(`${image}: ${copied.stderr.trim()}`);
  return { file, args: [] };
}
