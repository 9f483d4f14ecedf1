#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { copyFile, cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { docker, makeSocketFolder, packageFolder, readPackage, runBuilder, withFolder } from './docker.mjs';
import { makeHostBase } from './host-base.mjs';

const usage = `Builds the image of the reference runtime.

  node docker/build.mjs [--base public|host] [--node-image IMAGE] [--tag NAME]
  node docker/build.mjs --base host --only-base

  --base public       use the public node image in the Dockerfile (default)
  --base host         use an image of this machine's node, without a registry
  --node-image IMAGE  use another image with node 20.19 or newer
  --only-base         build only the base image (mcp-node-base:host)
  --tag NAME          name of the image (default: mcp-reference-runtime:latest)`;

const entry = join(packageFolder, 'dist/runtime/main.js');
const hostBase = 'mcp-node-base:host';

/** Creates the build context with the files for the root of the image. */
async function fillContext(context) {
  const app = join(context, 'rootfs/app');
  await cp(dirname(entry), join(app, 'dist/runtime'), { recursive: true });
  for (const file of ['THIRD_PARTY_NOTICES', 'sbom.cdx.json']) {
    await copyFile(join(dirname(entry), file), join(context, 'rootfs', file));
  }
  const { name, version } = await readPackage();
  await writeFile(join(app, 'package.json'), `${JSON.stringify({ name, version, type: 'module' })}\n`);
  await makeSocketFolder(context);
}

async function build({ base, tag, 'node-image': chosenImage, 'only-base': onlyBase }) {
  if (onlyBase && base !== 'host') {
    throw new Error('--only-base requires --base host.');
  }
  if (!onlyBase && !existsSync(entry)) {
    throw new Error(`The reference runtime has not been built: ${entry} does not exist. Run: npm run build`);
  }
  return await withFolder(async (folder) => {
    let nodeImage = chosenImage;
    if (nodeImage === undefined && base === 'host') {
      await makeHostBase(hostBase, join(folder, 'base'));
      nodeImage = hostBase;
    }
    if (onlyBase) {
      return nodeImage;
    }
    const context = join(folder, 'context');
    await fillContext(context);
    const file = join(packageFolder, 'docker/reference-runtime.Dockerfile');
    const buildArgs = nodeImage === undefined ? [] : ['--build-arg', `NODE_IMAGE=${nodeImage}`];
    docker('build', '--file', file, '--tag', tag, ...buildArgs, context);
    return tag;
  });
}

await runBuilder({
  usage,
  image: 'mcp-reference-runtime:latest',
  options: { 'node-image': { type: 'string' }, 'only-base': { type: 'boolean', default: false } },
  build,
});
