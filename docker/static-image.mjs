// Shared code of the builders for runtimes that are one static program.
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { docker, makeSocketFolder, runBuilder, withFolder } from './docker.mjs';

/** Returns the last stage of a Dockerfile, changed to copy the files from the context instead of the first stage. */
async function lastStage(dockerfile) {
  const lines = (await readFile(dockerfile, 'utf8')).split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM '))).join('\n');
  return stage.replace('COPY --from=build /rootfs/ /', 'COPY rootfs/ /');
}

/**
 * Runs a builder with its command line.
 * @param {string} usage
 * @param {string} image the default name of the image
 * @param {string} dockerfile
 * @param {{inPublicImage: (tag: string) => Promise<void>, compile: (program: string) => Promise<void>, sources: string}} steps
 *   `inPublicImage` builds the image from public images, `compile` builds the program on this machine at a given path, and
 *   `sources` is the folder of the runtime
 */
export async function runStaticBuilder(usage, image, dockerfile, { inPublicImage, compile, sources }) {
  const onHost = async (tag, context) => {
    await makeSocketFolder(context);
    await compile(join(context, 'rootfs/mcp-runtime'));
    for (const file of ['THIRD_PARTY_NOTICES', 'sbom.cdx.json']) {
      await copyFile(join(sources, file), join(context, 'rootfs', file));
    }
    await writeFile(join(context, 'Dockerfile'), await lastStage(dockerfile));
    docker('build', '--tag', tag, context);
  };
  const build = async ({ base, tag }) => {
    await (base === 'public' ? inPublicImage(tag) : withFolder((context) => onHost(tag, context)));
    return tag;
  };
  await runBuilder({ usage, image, build });
}
