#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { copyFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { docker, packageFolder, withFolder } from './docker.mjs';
import { runStaticBuilder } from './static-image.mjs';

const usage = `node docker/rust.mjs [--base public|host] [--tag NAME]
  --base public   build in the public rust image in the Dockerfile (default)
  --base host     build with this machine's cargo, without an image registry
  --tag NAME      name of the image (default: mcp-runtime-rust:latest)`;

const crate = join(packageFolder, 'runtimes/rust');
const dockerfile = join(packageFolder, 'docker/rust-runtime.Dockerfile');

/**
 * Runs a Rust tool. Its progress goes to stderr.
 * @returns {string} its standard output
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
      error.code === 'ENOENT' ? `${tool} was not found. Install Rust 1.90 or later` : `${tool} failed`;
    throw new Error(`The Rust runtime cannot be built: ${why}`);
  }
}

/** Builds a static program on this machine, like the first stage of the Dockerfile. */
async function compile(program) {
  if (process.platform !== 'linux') {
    throw new Error('--base host builds for this machine, which must run Linux. Use --base public.');
  }
  const target = rust('rustc', ['--print', 'host-tuple']).trim();
  const options = ['build', '--release', '--locked', '--target', target];
  // Cargo writes one JSON message per line. The message of the program contains its path.
  const messages = rust('cargo', [...options, '--message-format', 'json-render-diagnostics'], {
    RUSTFLAGS: '-C target-feature=+crt-static',
  });
  const built = messages
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .findLast(({ executable }) => typeof executable === 'string');
  if (built === undefined) {
    throw new Error('The Rust runtime cannot be built: cargo did not produce a program');
  }
  await copyFile(built.executable, program);
}

/** Copies the sources to a build context, because the repository may contain gigabytes of other files. */
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
  sources: crate,
});
