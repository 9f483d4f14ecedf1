import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from 'vitest';

const packageFolder = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

/** An image of this machine's own node, for targets that are a few lines of JavaScript. */
export const nodeImage = 'mcp-node-base:host';

/** The output of a docker command, without blanks around it. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args);
  return stdout.trim();
}

/** Makes `nodeImage` where it is not there yet. */
export async function provideNodeImage(): Promise<void> {
  try {
    await docker('image', 'inspect', nodeImage);
  } catch {
    await run(process.execPath, [join(packageFolder, 'docker/build.mjs'), '--base', 'host', '--only-base']);
  }
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

function hasDocker(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** Tests that need a Docker daemon: skipped without one, unless REQUIRE_DOCKER=1, when they fail. */
export function describeWithDocker(name: string, tests: () => void): void {
  if (hasDocker() || process.env['REQUIRE_DOCKER'] === '1') {
    describe(name, { timeout: 60_000 }, tests);
  } else {
    describe.skip(`${name} (skipped: no Docker daemon can be reached)`, tests);
  }
}
