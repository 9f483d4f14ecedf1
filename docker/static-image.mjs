// What the images of runtimes that are one static file have in common: how they are built here, and their command line.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describe, docker } from './docker.mjs';

/** The Dockerfile's last stage, with what the first one makes taken from the context. */
async function lastStage(dockerfile) {
  const lines = (await readFile(dockerfile, 'utf8')).split('\n');
  const stage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM '))).join('\n');
  return stage.replace('COPY --from=build /rootfs/ /', 'COPY rootfs/ /');
}

/**
 * Gives the work a folder of its own for a build context, and removes it afterwards.
 * @param {(context: string) => Promise<void>} work
 */
export async function withContext(work) {
  const context = await mkdtemp(join(tmpdir(), 'mcp-image-'));
  try {
    await work(context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/**
 * Builds an image around a program that this machine makes.
 * @param {{dockerfile: string, tag: string, compile: (program: string) => unknown}} options
 *   `compile` leaves the program at the path that it is given
 */
export async function buildOnHost({ dockerfile, tag, compile }) {
  await withContext(async (context) => {
    // Open to every user: the container may run as any, and often has another folder mounted here.
    await mkdir(join(context, 'rootfs/run/mcp'), { recursive: true });
    await chmod(join(context, 'rootfs/run/mcp'), 0o1777);
    await compile(join(context, 'rootfs/mcp-runtime'));
    await writeFile(join(context, 'Dockerfile'), await lastStage(dockerfile));
    docker('build', '--tag', tag, context);
  });
}

/**
 * Reads the command line of a builder and carries it out.
 * @param {{usage: string, image: string, build: (options: {base: 'public' | 'host', tag: string}) => Promise<string>}}
 *   builder `build` resolves to the name of the image that was made
 */
export async function runBuilder({ usage, image, build }) {
  try {
    const { values } = parseArgs({
      options: {
        base: { type: 'string', default: 'public' },
        tag: { type: 'string', default: image },
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
    console.log(describe(await build(values), started));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
