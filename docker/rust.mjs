#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { docker, packageFolder, withFolder } from './docker.mjs';
import { runStaticBuilder } from './static-image.mjs';

const usage = `node docker/rust.mjs [--base public|host] [--tag NAME]
  --base public   built in the public rust image that the Dockerfile names (default)
  --base host     built with this machine's cargo: no registry of images is needed
  --tag NAME      the image's name (default mcp-runtime-rust:latest)`;

const crate = join(packageFolder, 'runtimes/rust');
const dockerfile = join(packageFolder, 'docker/rust-runtime.Dockerfile');

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

/** Builds the runtime on this machine, as the Dockerfile's first stage does; it needs no shared library. */
async function compile(program) {
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
  await copyFile(built.executable, program);
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

await runStaticBuilder(usage, 'mcp-runtime-rust:latest', dockerfile, {
  inPublicImage: (tag) =>
    withFolder(async (context) => {
      await copySources(context);
      docker('build', '--tag', tag, context);
    }),
  compile,
});
