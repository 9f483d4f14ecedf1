#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docker } from './docker.mjs';
import { buildOnHost, runBuilder } from './static-image.mjs';

const usage = `node docker/go.mjs [--base public|host] [--tag NAME]
  --base public   built in the public golang image that the Dockerfile names (default)
  --base host     built with this machine's go: no registry is needed
  --tag NAME      the image's name (default mcp-runtime-go:latest)`;

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const module = join(packageFolder, 'runtimes/go');
const dockerfile = join(packageFolder, 'docker/go-runtime.Dockerfile');

/** The image's name, where none is given. */
const goImage = 'mcp-runtime-go:latest';

/** Builds the runtime for Linux on this machine, as the Dockerfile's first stage does. */
function compile(binary, version) {
  const flags = ['-trimpath', '-ldflags', `-s -w -X main.version=${version}`];
  try {
    execFileSync('go', ['build', ...flags, '-o', binary, './cmd/mcp-runtime'], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0', GOOS: 'linux' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  } catch (error) {
    const why = error.code === 'ENOENT' ? 'there is no go: install Go 1.26 or later' : error.stderr.trim();
    throw new Error(`The Go runtime cannot be built: ${why}`);
  }
}

/**
 * Builds the image of the Go runtime.
 * @param {{base: 'public' | 'host', tag: string}} options
 * @returns {Promise<string>} the name of the image that was made
 */
async function buildGo({ base, tag }) {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  if (base === 'public') {
    docker('build', '--file', dockerfile, '--build-arg', `VERSION=${version}`, '--tag', tag, module);
    return tag;
  }
  await buildOnHost({ dockerfile, tag, compile: (program) => compile(program, version) });
  return tag;
}

await runBuilder({ usage, image: goImage, build: buildGo });
