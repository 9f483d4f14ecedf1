import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** An image of this machine's own node, for targets that are a few lines of JavaScript. `buildImages` builds it. */
export const nodeImage = 'mcp-node-base:host';

/** The output of a docker command, without blanks around it. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}

/** The containers that runners of a process have made and not removed yet, by id. */
export async function containersOf(pid: number = process.pid): Promise<readonly string[]> {
  return labelled(pid, '{{.ID}}', 'ps', '--all');
}

/** The containers and volumes that runners of a process have made and not removed yet. */
export async function leftovers(pid: number = process.pid): Promise<readonly string[]> {
  const volumes = await labelled(pid, '{{.Name}}', 'volume', 'ls');
  return [...(await containersOf(pid)), ...volumes];
}

/** Other test files and other runs use the same daemon: what counts is what this process made. */
async function labelled(pid: number, field: string, ...list: string[]): Promise<readonly string[]> {
  const label = 'mcp-runtime-conformance.run';
  const format = `{{.Label "${label}"}} ${field}`;
  const lines = (await docker(...list, '--filter', `label=${label}`, '--format', format)).split('\n');
  return lines.filter((line) => line.startsWith(`${pid}-`)).map((line) => line.split(' ')[1] ?? '');
}

/** Builds every image that tests need. */
const buildImages = 'npm run images -- --base host';

/** Why tests that need an image cannot run here; undefined if they can. */
function reasonToSkip(image: string): string | undefined {
  const succeeds = (...args: string[]) =>
    spawnSync('docker', args, { stdio: 'ignore', timeout: 10_000 }).status === 0;
  if (!succeeds('version')) return `no Docker daemon can be reached: start Docker, then ${buildImages}`;
  return succeeds('image', 'inspect', image) ? undefined : `there is no image ${image}: ${buildImages}`;
}

/**
 * Tests that need a Docker daemon and an image. They build no image: they are skipped without it, and with REQUIRE_DOCKER=1
 * they fail.
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
