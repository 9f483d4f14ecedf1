#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { docker, packageFolder, readPackage } from './docker.mjs';
import { runStaticBuilder } from './static-image.mjs';

const usage = `node docker/go.mjs [--base public|host] [--tag NAME]
  --base public   build in the public golang image in the Dockerfile (default)
  --base host     build with this machine's go, without a registry
  --tag NAME      name of the image (default: mcp-runtime-go:latest)`;

const module = join(packageFolder, 'runtimes/go');
const dockerfile = join(packageFolder, 'docker/go-runtime.Dockerfile');

/** Builds the runtime for Linux on this machine, like the first stage of the Dockerfile. */
async function compile(binary) {
  const { version } = await readPackage();
  const flags = ['-trimpath', '-ldflags', `-s -w -X main.version=${version}`];
  try {
    execFileSync('go', ['build', ...flags, '-o', binary, './cmd/mcp-runtime'], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const why = error.code === 'ENOENT' ? 'go was not found. Install Go 1.26 or later' : error.stderr.trim();
    throw new Error(`The Go runtime cannot be built: ${why}`);
  }
}

async function inPublicImage(tag) {
  const { version } = await readPackage();
  docker('build', '--file', dockerfile, '--build-arg', `VERSION=${version}`, '--tag', tag, module);
}

await runStaticBuilder(usage, 'mcp-runtime-go:latest', dockerfile, {
  inPublicImage,
  compile,
  sources: module,
});
