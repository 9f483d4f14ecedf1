#!/usr/bin/env node
// Builds the images of all runtimes, and prints their sizes and start times.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageFolder, withFolder } from './docker.mjs';

const usage = `node docker/images.mjs [NAME ...] [--base public|host]
  NAME            build only these runtimes (default: all)
  --base public   use public base images (default)
  --base host     use this machine's tools, without a registry`;

/** The build script and the image name of each runtime. */
const builders = {
  typescript: { script: 'build.mjs', image: 'mcp-reference-runtime:latest' },
  rust: { script: 'rust.mjs', image: 'mcp-runtime-rust:latest' },
  go: { script: 'go.mjs', image: 'mcp-runtime-go:latest' },
};

const kit = join(packageFolder, 'dist/cli/main.js');

/** Returns the milliseconds from the start of a container to its first successful HealthCheck. */
function readyAfter(image) {
  return withFolder(async (folder) => {
    const report = join(folder, 'report.json');
    const options = ['--image', image, '--pull', 'never', '--suite', 'health', '--report', `json=${report}`];
    execFileSync(process.execPath, [kit, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
    return JSON.parse(await readFile(report, 'utf8')).target.readyMs;
  });
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { base: { type: 'string', default: 'public' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const names = positionals.length === 0 ? Object.keys(builders) : positionals;
  const unknown = names.filter((name) => !Object.hasOwn(builders, name));
  if (unknown.length > 0) {
    throw new Error(`Unknown runtime ${unknown.join(', ')}. Use ${Object.keys(builders).join(', ')}.`);
  }
  for (const name of names) {
    const { script, image } = builders[name];
    const builder = join(packageFolder, 'docker', script);
    execFileSync(process.execPath, [builder, '--base', values.base, '--tag', image], { stdio: 'inherit' });
    console.log(`${image}: ready ${((await readyAfter(image)) / 1000).toFixed(2)} s after its start`);
  }
}

try {
  await main();
} catch (error) {
  // The builder or the kit has already written its error to stderr.
  if (error?.status === undefined) {
    console.error(error instanceof Error ? error.message : error);
  }
  process.exitCode = 1;
}
