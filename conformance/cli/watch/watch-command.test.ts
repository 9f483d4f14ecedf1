import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';

// The built program. `npm test` builds it first.
const program = join(packageRoot(), 'dist', 'cli', 'main.js');
const harness = join(packageRoot(), 'dist', 'proof', 'harness', 'start-runtime.js');
const faults = join(packageRoot(), 'dist', 'proof', 'faults', 'index.js');

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watch-'));
  await writeFile(
    join(folder, 'runtime.mjs'),
    `import { runtimeFaults } from ${JSON.stringify(faults)};
import { serveChanged } from ${JSON.stringify(harness)};
import { fault } from './fault.mjs';
process.exit(await serveChanged(runtimeFaults.find(({ name }) => name === fault) ?? {}));
`,
  );
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const writeFault = (name: string) =>
  writeFile(join(folder, 'fault.mjs'), `export const fault = '${name}';\n`);

test('an author edits a runtime until its cases pass', { timeout: 90_000 }, async () => {
  await writeFault('scope-not-checked');
  const words = ['--command', `${process.execPath} runtime.mjs`, '--case', 'sessions/scope-*', '--watch'];
  const watching = spawn(process.execPath, [program, ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, MCP_RUNTIME_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = watching;
  let output = '';
  let wake: () => void = () => {};
  watching.stdout.on('data', (data: Buffer) => {
    output += data.toString('utf8');
    wake();
  });
  /** Returns the output of a run, once the program waits for changes. */
  const run = async (): Promise<string> => {
    for (;;) {
      const end = /\nwatching .*\n/.exec(output);
      if (end !== null) {
        const text = output.slice(0, end.index + end[0].length);
        output = output.slice(text.length);
        return text;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  expect(await run()).toContain('selected cases failed');
  await writeFault('none');
  const second = await run();
  expect(second).toContain('changed: fault.mjs\n');
  expect(second).toMatch(/now passing: (\d) of \1 cases that failed last\n/);
  expect(second).toMatch(/since the last run\n {2}now passing {4}\d: sessions\/scope-/);
  const exit = once(watching, 'exit');
  watching.kill('SIGINT');
  expect(await exit).toEqual([0, null]);
});
