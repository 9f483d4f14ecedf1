#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describe, docker } from './docker.mjs';

const usage = `node docker/rust.mjs [--base public|host] [--tag NAME]
  --base public   built in the public rust image that the Dockerfile names (default)
  --base host     built with this machine's cargo: no registry of images is needed
  --tag NAME      the image's name (default mcp-runtime-rust:latest)`;

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const crate = join(packageFolder, 'runtimes/rust');
const dockerfile = join(packageFolder, 'docker/rust-runtime.Dockerfile');

/** The image's name, where none is given. */
export const rustImage = 'mcp-runtime-rust:latest';

/**
 * Runs a tool of Rust, which says how far it is on stderr.
 * @returns {string} what it wrote to stdout
 */
function rust(tool, args, environment = {}) {
  try {
    return execFileSync(tool, args, {
      cwd: crate,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    });
  } catch (error) {
    const why =
      error.code === 'ENOENT' ? `there is no ${tool}: install Rust 1.90 or later` : `${tool} failed`;
    throw new Error(`The Rust runtime cannot be built: ${why}`);
  }
}

/**
 * Builds the runtime on this machine, as the Dockerfile's first stage does.
 * @returns {string} the path of the program, which needs no shared library
 */
function compile() {
  if (process.platform !== 'linux') {
    throw new Error('--base host builds for this machine, which has to be a Linux one. Use --base public.');
  }
  const target = rust('rustc', ['--print', 'host-tuple']).trim();
  const options = ['build', '--release', '--locked', '--target', target];
  // One JSON message a line; that of the program names its file.
  const messages = rust('cargo', [...options, '--message-format', 'json-render-diagnostics'], {
    RUSTFLAGS: '-C target-feature=+crt-static',
  });
  const built = messages
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .findLast(({ executable }) => typeof executable === 'string');
  if (built === undefined) {
    throw new Error('The Rust runtime cannot be built: cargo made no program');
  }
  return built.executable;
}

/** The Dockerfile's last stage, with what the first one makes taken from the context. */
async function lastStage() {
  const lines = (await readFile(dockerfile, 'utf8')).split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM '))).join('\n');
  return stage.replace('COPY --from=build /rootfs/ /', 'COPY rootfs/ /');
}

/** Fills a build context with the sources: the repository itself may hold gigabytes that no builder needs to see. */
async function copySources(context) {
  const proto = 'proto/contextforge';
  await cp(join(packageFolder, proto), join(context, proto), { recursive: true });
  await cp(crate, join(context, 'runtimes/rust'), {
    recursive: true,
    filter: (path) => path !== join(crate, 'target'),
  });
  await copyFile(dockerfile, join(context, 'Dockerfile'));
}

/** Fills a build context with what the Dockerfile's first stage would make. */
async function copyProgram(context) {
  const program = compile();
  // Open to every user: the container may run as any, and often has another folder mounted here.
  await mkdir(join(context, 'rootfs/run/mcp'), { recursive: true });
  await chmod(join(context, 'rootfs/run/mcp'), 0o1777);
  await copyFile(program, join(context, 'rootfs/mcp-runtime'));
  await writeFile(join(context, 'Dockerfile'), await lastStage());
}

/**
 * Builds the image of the Rust runtime.
 * @param {{base: 'public' | 'host', tag: string}} options
 * @returns {Promise<string>} the name of the image that was made
 */
export async function buildRust({ base, tag }) {
  const context = await mkdtemp(join(tmpdir(), 'mcp-image-'));
  try {
    await (base === 'public' ? copySources(context) : copyProgram(context));
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
      tag: { type: 'string', default: rustImage },
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
  console.log(describe(await buildRust(values), started));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
