import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProofResult, runSideBySide } from './side-by-side.ts';

let folder: string;
let program: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'side-by-side-'));
  program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { existsSync, writeFileSync } from 'node:fs';
    const [name] = process.argv.slice(2);
    const ready = new URL('ready', import.meta.url);
    console.log('output of ' + name);
    if (name === 'waits') {
      process.on('SIGTERM', () => process.exit(143));
      writeFileSync(ready, '');
      setInterval(() => {}, 1000);
    } else {
      if (name === 'fails') process.send('a reason');
      while (name.startsWith('passes-') && !existsSync(ready)) await new Promise((resolve) => setTimeout(resolve, 10));
      process.exitCode = name === 'fails' ? 1 : 0;
      process.disconnect();
    }`,
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('proofs side by side', () => {
  test('return the exit code, the output and the reasons of each, in the order of their names', async () => {
    const ended: ProofResult[] = [];
    const results = await runSideBySide(['fails', 'passes'], {
      program,
      onEnd: (result) => ended.push(result),
      signal: new AbortController().signal,
    });
    expect(results).toEqual([
      { name: 'fails', exitCode: 1, output: 'output of fails\n', problems: ['a reason'] },
      { name: 'passes', exitCode: 0, output: 'output of passes\n', problems: [] },
    ]);
    expect(ended.map(({ name }) => name).sort()).toEqual(['fails', 'passes']);
  });

  test('end with the signal, and start no other', async () => {
    const controller = new AbortController();
    const names = Array.from({ length: 64 }, (_, index) => `passes-${index}`);
    const results = await runSideBySide(['waits', ...names], {
      program,
      onEnd: () => controller.abort(),
      signal: controller.signal,
    });
    expect(results[0]).toMatchObject({ name: 'waits', exitCode: 143 });
    expect(results.length).toBeLessThan(names.length);
  });
});
