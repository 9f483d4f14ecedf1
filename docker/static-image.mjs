// What the images of runtimes that are one static file have in common.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { docker, makeSocketFolder, runBuilder, withFolder } from './docker.mjs';

/** The Dockerfile's last stage, with what the first one makes taken from the context. */
async function lastStage(dockerfile) {
  const lines = (await readFile(dockerfile, 'utf8')).split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM '))).join('\n');
  return stage.replace('COPY --from=build /rootfs/ /', 'COPY rootfs/ /');
}

/**
 * Carries out the command line of a builder.
 * @param {string} usage
 * @param {string} image the name that the image gets where none is given
 * @param {string} dockerfile
 * @param {{inPublicImage: (tag: string) => Promise<void>, compile: (program: string) => Promise<void>}} ways
 *   `compile` makes the program on this machine and leaves it at the path that it is given
 */
export async function runStaticBuilder(usage, image, dockerfile, { inPublicImage, compile }) {
  const onHost = async (tag, context) => {
    await makeSocketFolder(context);
    await compile(join(context, 'rootfs/mcp-runtime'));
    await writeFile(join(context, 'Dockerfile'), await lastStage(dockerfile));
    docker('build', '--tag', tag, context);
  };
  const build = async ({ base, tag }) => {
    await (base === 'public' ? inPublicImage(tag) : withFolder((context) => onHost(tag, context)));
    return tag;
  };
  await runBuilder({ usage, image, build });
}
