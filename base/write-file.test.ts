import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkWritable, writeWhole } from './write-file.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-file-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('checkWritable', () => {
  test('does not change the file system', async () => {
    await checkWritable(join(folder, 'new.json'));
    expect(await readdir(folder)).toEqual([]);
  });

  test('accepts devices', async () => {
    await expect(checkWritable('/dev/null')).resolves.toBeUndefined();
  });

  test('reports the reason that a file cannot be written', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'file'), '');
    const inMissing = join(folder, 'missing', 'a');
    const inFile = join(folder, 'file', 'a');
    await expect(checkWritable(join(folder, 'sub'))).rejects.toThrow(/: it is a folder$/);
    await expect(checkWritable(inMissing)).rejects.toThrow(
      `cannot write ${inMissing}: the folder ${join(folder, 'missing')} does not exist`,
    );
    await expect(checkWritable(inFile)).rejects.toThrow(
      `cannot write ${inFile}: a part of its path is not a folder`,
    );
  });
});

describe('writeWhole', () => {
  test('replaces a file without leaving temporary files', async () => {
    const path = join(folder, 'report.json');
    await writeWhole(path, 'one');
    await writeWhole(path, 'two');
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(folder)).toEqual(['report.json']);
  });

  test('keeps a link and writes to its target', async () => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink('real', join(folder, 'link'));
    await writeWhole(join(folder, 'link'), 'new');
    expect(await readlink(join(folder, 'link'))).toBe('real');
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new');
  });

  test('writes to a device without replacing it', async () => {
    await writeWhole('/dev/null', 'x');
    expect(await readFile('/dev/null', 'utf8')).toBe('');
  });

  test('reports why it failed', async () => {
    await expect(writeWhole(join(folder, 'missing', 'a'), 'x')).rejects.toThrow(/^cannot write .+: ENOENT$/);
  });
});
