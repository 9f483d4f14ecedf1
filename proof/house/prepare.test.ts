import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prepare-'));
  const scripts = { build: "node -e \"fs.writeFileSync('built', '')\"" };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts }));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the script in the folder like npm, and returns whether it built the kit. */
function prepare(calledFrom: string): boolean {
  const { status } = spawnSync(process.execPath, [join(packageRoot(), 'prepare.mjs')], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: calledFrom },
    stdio: 'inherit',
  });
  expect(status).toBe(0);
  return existsSync(join(folder, 'built'));
}

test('does not build in a clone', () => {
  expect(prepare(folder)).toBe(false);
});

test('builds for a dependent', () => {
  expect(prepare(tmpdir())).toBe(true);
});

test('does not build as a dependency if the kit is already built', async () => {
  await mkdir(join(folder, 'dist/cli'), { recursive: true });
  await writeFile(join(folder, 'dist/cli/main.js'), '');
  expect(prepare(tmpdir())).toBe(false);
});
