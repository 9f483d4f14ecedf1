import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from 'vitest';

const packageFolder = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** An image with the node of this machine, for targets written in a few lines of JavaScript. */
export const nodeImage = 'mcp-node-base:host';

/** Runs a docker command and returns its trimmed output. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}

/** Builds `nodeImage` if it does not exist. */
export async function provideNodeImage(): Promise<void> {
  try {
    await docker('image', 'inspect', nodeImage);
  } catch {
    await run(process.execPath, [join(packageFolder, 'docker/build.mjs'), '--base', 'host', '--only-base']);
  }
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

function hasDocker(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** Defines tests that need a Docker daemon. Without one they are skipped, or fail if REQUIRE_DOCKER=1. */
export function describeWithDocker(name: string, tests: () => void): void {
  if (hasDocker() || process.env['REQUIRE_DOCKER'] === '1') {
    describe(name, { timeout: 60_000 }, tests);
  } else {
    describe.skip(`${name} (skipped: no Docker daemon can be reached)`, tests);
  }
}
