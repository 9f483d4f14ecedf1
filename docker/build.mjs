#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describe, docker } from './docker.mjs';
import { makeHostBase } from './host-base.mjs';

const usage = `Builds the image of the reference runtime.

  node docker/build.mjs [--base public|host] [--node-image IMAGE] [--tag NAME]
  node docker/build.mjs --base host --only-base

  --base public       the public node image that the Dockerfile names (default)
  --base host         an image made of this machine's node: no registry is needed
  --node-image IMAGE  another image with node 20.19 or newer in it
  --only-base         stop once the base image (mcp-node-base:host) is there
  --tag NAME          the image's name (default mcp-reference-runtime:latest)`;

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(packageFolder, 'dist/runtime/main.js');
const hostBase = 'mcp-node-base:host';

function readOptions() {
  const { values } = parseArgs({
    options: {
      base: { type: 'string', default: 'public' },
      'node-image': { type: 'string' },
      'only-base': { type: 'boolean', default: false },
      tag: { type: 'string', default: 'mcp-reference-runtime:latest' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.base !== 'public' && values.base !== 'host') {
    throw new Error(`--base ${values.base} is neither public nor host.`);
  }
  if (values['only-base'] && values.base !== 'host') {
    throw new Error('--only-base goes with --base host.');
  }
  return values;
}

/** Fills the build context: what the Dockerfile copies to the root of the image. */
async function fillContext(context) {
  const app = join(context, 'rootfs/app');
  await cp(dirname(entry), join(app, 'dist/runtime'), { recursive: true });
  const { name, version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  await writeFile(join(app, 'package.json'), `${JSON.stringify({ name, version, type: 'module' })}\n`);
  // Open to every user: the container may run as any, and often has another folder mounted here.
  await mkdir(join(context, 'rootfs/run/mcp'), { recursive: true });
  await chmod(join(context, 'rootfs/run/mcp'), 0o1777);
}

/** @returns {Promise<string>} the name of the image that was made */
async function build(options) {
  if (!options['only-base'] && !existsSync(entry)) {
    throw new Error(`The reference runtime is not compiled: there is no ${entry}. Run: npm run build`);
  }
  const folder = await mkdtemp(join(tmpdir(), 'mcp-image-'));
  try {
    let nodeImage = options['node-image'];
    if (nodeImage === undefined && options.base === 'host') {
      await makeHostBase(hostBase, join(folder, 'base'));
      nodeImage = hostBase;
    }
    if (options['only-base']) {
      return nodeImage;
    }
    const context = join(folder, 'context');
    await fillContext(context);
    const file = join(packageFolder, 'docker/reference-runtime.Dockerfile');
    const buildArgs = nodeImage === undefined ? [] : ['--build-arg', `NODE_IMAGE=${nodeImage}`];
    docker('build', '--file', file, '--tag', options.tag, ...buildArgs, context);
    return options.tag;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const started = performance.now();
try {
  const options = readOptions();
  if (options.help) {
    console.log(usage);
  } else {
    const image = await build(options);
    console.log(describe(image, started));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
