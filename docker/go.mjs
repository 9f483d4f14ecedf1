#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describe, docker } from './docker.mjs';

const usage = `node docker/go.mjs [--base public|host] [--tag NAME]
  --base public   built in the public golang image that the Dockerfile names (default)
  --base host     built with this machine's go: no registry is needed
  --tag NAME      the image's name (default mcp-runtime-go:latest)`;

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const module = join(packageFolder, 'runtimes/go');
const dockerfile = join(packageFolder, 'docker/go-runtime.Dockerfile');

/** The image's name, where none is given. */
export const goImage = 'mcp-runtime-go:latest';

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

/** The Dockerfile's last stage, with what the first one makes taken from the context. */
async function lastStage() {
  const lines = (await readFile(dockerfile, 'utf8')).split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM '))).join('\n');
  return stage.replace('COPY --from=build /rootfs/ /', 'COPY rootfs/ /');
}

/**
 * Builds the image of the Go runtime.
 * @param {{base: 'public' | 'host', tag: string}} options
 * @returns {Promise<string>} the name of the image that was made
 */
export async function buildGo({ base, tag }) {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  if (base === 'public') {
    docker('build', '--file', dockerfile, '--build-arg', `VERSION=${version}`, '--tag', tag, module);
    return tag;
  }
  const context = await mkdtemp(join(tmpdir(), 'mcp-image-'));
  try {
    // Open to every user: the container may run as any, and often has another folder mounted here.
    await mkdir(join(context, 'rootfs/run/mcp'), { recursive: true });
    await chmod(join(context, 'rootfs/run/mcp'), 0o1777);
    compile(join(context, 'rootfs/mcp-runtime'), version);
    await writeFile(join(context, 'Dockerfile'), await lastStage());
    docker('build', '--tag', tag, context);
    return tag;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      base: { type: 'string', default: 'public' },
      tag: { type: 'string', default: goImage },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  if (values.base !== 'public' && values.base !== 'host') {
    throw new Error(`--base ${values.base} is neither public nor host.`);
  }
  const started = performance.now();
  console.log(describe(await buildGo(values), started));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
