import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeOpener, makeTemporaryPage } from './open-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Makes a desktop whose program writes its arguments to a file and ends with a code. */
async function desktop(platform: string, { program = 'xdg-open', code = 0 } = {}) {
  const script = join(folder, program);
  await writeFile(script, `#!/bin/sh\nprintf '%s\\n' "$@" >>"${folder}/opened"\nexit ${code}\n`);
  await chmod(script, 0o755);
  return makeOpener({ platform, environment: { PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':0' } });
}

const opened = (): Promise<string> => readFile(join(folder, 'opened'), 'utf8');

describe('opening a file', () => {
  test.each([
    ['linux', 'xdg-open'],
    ['darwin', 'open'],
    ['win32', 'explorer.exe'],
  ])('on %s starts %s without a shell, once for each path', async (platform, program) => {
    const open = await desktop(platform, { program });
    await open('/tmp/a b;$(c).html');
    await open('/tmp/a b;$(c).html');
    expect(await opened()).toBe('/tmp/a b;$(c).html\n');
  });

  test('fails if the program does, and then tries again', async () => {
    const open = await desktop('linux', { code: 3 });
    await expect(open('/x.html')).rejects.toThrow('xdg-open failed (3); open /x.html yourself');
    await expect(open('/x.html')).rejects.toThrow('xdg-open failed (3); open /x.html yourself');
    expect(await opened()).toBe('/x.html\n/x.html\n');
  });

  test('fails without the program', async () => {
    const open = makeOpener({ platform: 'darwin', environment: { PATH: folder } });
    await expect(open('/x.html')).rejects.toThrow('there is no program open; open /x.html yourself');
  });

  test('fails without a display, because the program would take over the terminal', async () => {
    const open = makeOpener({ platform: 'linux', environment: { PATH: folder } });
    await expect(open('/x.html')).rejects.toThrow('this session has no display; open /x.html yourself');
  });
});

test('a temporary page keeps its path', async () => {
  const page = makeTemporaryPage();
  const path = await page();
  expect(path).toMatch(/\/mcp-runtime-conformance-\w+\/report\.html$/);
  expect(await page()).toBe(path);
  await rm(join(path, '..'), { recursive: true });
});
