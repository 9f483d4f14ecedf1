import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { BuildError } from './build-error.ts';
import type { FastPath } from './fast-path.ts';
import { programSide } from './program-side.ts';

const programs = join(packageRoot(), 'dist', 'proof', 'fast-paths');

/** The Go runtime, compared with grpc-go alone. Requires Go. */
export const goPath: FastPath = {
  name: 'go',
  about: 'the Go runtime against a bare grpc-go server',
  bar: 3,
  async start(context) {
    const runtime = await build('runtimes/go', './cmd/mcp-runtime');
    const echo = await build('proof/fast-paths/go-echo', '.');
    return {
      product: await programSide('Go runtime', runtime, context),
      floor: await programSide('grpc-go', echo, context),
    };
  },
};

/**
 * Builds a program with the flags of the image.
 * @param folder the folder of the module
 * @returns the path of the program
 * @throws BuildError
 */
async function build(folder: string, main: string): Promise<string> {
  const file = join(programs, folder.replaceAll('/', '-'));
  const cwd = join(packageRoot(), folder);
  const go = $({ quiet: true, nothrow: true, cwd, env: { ...process.env, CGO_ENABLED: '0' } });
  const { exitCode, stderr } = await go`go build -trimpath -ldflags ${'-s -w'} -o ${file} ${main}`;
  if (exitCode !== 0) throw new BuildError(`go cannot build ${folder}: ${stderr.trim()}`);
  return file;
}
