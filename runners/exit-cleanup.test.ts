import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellCommand } from './exit-cleanup.ts';
import { isAlive, until } from './testing/process.ts';
import { idleTarget } from './testing/target.ts';

const built = join(import.meta.dirname, '..', 'dist', 'runners', 'command', 'runner.js');

/** A program that launches a target, prints its process id and socket path, and ends in the given way. */
const program = `
const { createCommandRunner } = await import(${JSON.stringify(built)});
const command = "'" + process.execPath + "' -e '" + ${JSON.stringify(idleTarget.replaceAll("'", '"'))} + "console.log(process.pid)'";
const runner = createCommandRunner({ command });
const instance = await runner.launch({ signal: new AbortController().signal });
for (;;) {
  const pid = instance.logs.last(1)[0]?.text;
  if (Number(pid) > 0) {
    console.log(pid + ' ' + instance.place.hostPath);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
}
process.stdin.once('data', (how) => {
  if (String(how) === 'throw') throw new Error('crash');
  process.exit(0);
});
`;

describe('cleanUpOnExit', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exit-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it.each(['exit', 'throw', 'SIGKILL'])('removes everything when %s ends the kit', async (how) => {
    expect(existsSync(built), 'run `npm run build` first').toBe(true);
    const kit = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: folder },
    });
    const [line] = (await once(createInterface(kit.stdout), 'line')) as [string];
    const [pid = '', path = ''] = line.split(' ');
    const ended = once(kit, 'exit');
    expect(isAlive(Number(pid))).toBe(true);
    expect(existsSync(dirname(path))).toBe(true);
    if (how === 'SIGKILL') {
      kit.kill('SIGKILL');
    } else {
      kit.stdin.write(how);
    }
    await ended;
    // The guardian runs only after the kit has ended.
    await until(() => !isAlive(Number(pid)) && !existsSync(dirname(dirname(path))));
  });
});

it('quotes words for a shell', () => {
  expect(shellCommand(['rm', "it's", '$HOME'])).toBe(`rm 'it'\\''s' '$HOME'`);
});
