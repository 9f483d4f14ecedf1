// Shared code of the image builders, and their common command line.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The root of the repository, or of the package. */
export const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** @returns {Promise<{name: string, version: string}>} the parsed package.json */
export async function readPackage() {
  return JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
}

/**
 * Runs a docker command.
 * @param {...string} args
 * @throws {Error} with the output of a failed command
 */
export function docker(...args) {
  // Without buildx, the classic builder must be selected explicitly.
  const hasBuildx = spawnSync('docker', ['buildx', 'version'], { stdio: 'ignore' }).status === 0;
  const environment = hasBuildx ? process.env : { ...process.env, DOCKER_BUILDKIT: '0' };
  const { status, error, stdout, stderr } = spawnSync('docker', args, { env: environment, encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error(`docker cannot be run: ${error.message}. Install the Docker CLI.`);
  }
  if (status !== 0) {
    throw new Error(`docker ${args[0]} failed:\n${stderr}${stdout}`.trim());
  }
}

/**
 * Runs `work` with an empty temporary folder, and removes the folder afterwards.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 */
export async function withFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-image-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Creates the socket folder in a build context. Every user can write to it, because the container may run as any user.
 * @param {string} context
 */
export async function makeSocketFolder(context) {
  await mkdir(join(context, 'rootfs/run/mcp'), { recursive: true });
  await chmod(join(context, 'rootfs/run/mcp'), 0o1777);
}

/**
 * Runs a builder with its command line, and prints the size of the image and the duration.
 * @param {{usage: string, image: string, options?: object, build: (options: object) => Promise<string>}} builder
 *   `image` is the default name of the image, `options` are options in addition to `base` and `tag`, and `build`
 *   resolves to the name of the built image
 */
export async function runBuilder({ usage, image, options, build }) {
  const started = performance.now();
  try {
    const { values } = parseArgs({
      options: {
        base: { type: 'string', default: 'public' },
        tag: { type: 'string', default: image },
        help: { type: 'boolean', default: false },
        ...options,
      },
    });
    if (values.help) {
      console.log(usage);
      return;
    }
    if (values.base !== 'public' && values.base !== 'host') {
      throw new Error(`--base must be public or host, not ${values.base}.`);
    }
    requireDaemon();
    console.log(describe(await build(values), started));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/** @throws {Error} if no Docker daemon can be reached */
function requireDaemon() {
  const { status, error, stderr } = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
  });
  if (error !== undefined) {
    throw new Error(`docker cannot be run: ${error.message}. Install the Docker CLI.`);
  }
  if (status !== 0) {
    throw new Error(`No Docker daemon can be reached: ${stderr.trim()}\nStart Docker, or set DOCKER_HOST.`);
  }
}

function describe(image, started) {
  const inspect = ['image', 'inspect', '--format', '{{.Size}}', image];
  const bytes = execFileSync('docker', inspect, { encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return `${image}: ${(Number(bytes) / 1e6).toFixed(0)} MB, built in ${seconds} s`;
}
