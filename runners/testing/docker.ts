import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

/**
 * An image with the node of this machine, for targets written in a few lines of JavaScript. `npm run images` builds it.
 */
export const nodeImage = 'mcp-node-base:host';

/** Runs a docker command and returns its trimmed output. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}

/** Returns the ids of the remaining containers of a process. */
export async function containersOf(pid: number = process.pid): Promise<readonly string[]> {
  return labelled(pid, '{{.ID}}', 'ps', '--all');
}

/** Returns the remaining containers and volumes of a process. */
export async function leftovers(pid: number = process.pid): Promise<readonly string[]> {
  const volumes = await labelled(pid, '{{.Name}}', 'volume', 'ls');
  return [...(await containersOf(pid)), ...volumes];
}

/** Lists the resources of one process only, because other test files and runs use the same daemon. */
async function labelled(pid: number, field: string, ...list: string[]): Promise<readonly string[]> {
  const label = 'mcp-runtime-conformance.run';
  const format = `{{.Label "${label}"}} ${field}`;
  const lines = (await docker(...list, '--filter', `label=${label}`, '--format', format)).split('\n');
  return lines.filter((line) => line.startsWith(`${pid}-`)).map((line) => line.split(' ')[1] ?? '');
}

/** The command that builds every image for the tests. */
const buildImages = 'npm run images -- --base host';

/** Returns the reason why the tests of an image cannot run, or undefined if they can. */
function reasonToSkip(image: string): string | undefined {
  const succeeds = (...args: string[]) =>
    spawnSync('docker', args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
  if (!succeeds('version')) return `no Docker daemon can be reached: start Docker, then ${buildImages}`;
  return succeeds('image', 'inspect', image) ? undefined : `there is no image ${image}: ${buildImages}`;
}

/**
 * Defines tests that need a Docker daemon and an image. Without them, the tests are skipped, or fail if
 * REQUIRE_DOCKER=1.
 */
export function describeWithImage(image: string, name: string, tests: () => void): void {
  const reason = reasonToSkip(image);
  if (reason === undefined) {
    describe(name, { timeout: 60_000 }, tests);
  } else if (process.env['REQUIRE_DOCKER'] === '1') {
    describe(name, () => {
      it('has its image', () => expect.fail(`REQUIRE_DOCKER=1, but ${reason}`));
    });
  } else {
    describe.skip(`${name} (skipped: ${reason})`, tests);
  }
}
