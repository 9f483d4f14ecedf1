import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendWhole, checkWritable, writeWhole } from './write-file.ts';

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

  test('accepts a regular file, also below a link to a folder', async () => {
    await writeFile(join(folder, 'file'), '');
    await symlink('.', join(folder, 'link'));
    await expect(checkWritable(join(folder, 'file'))).resolves.toBeUndefined();
    await expect(checkWritable(join(folder, 'link', 'file'))).resolves.toBeUndefined();
  });

  test('rejects anything but a regular file', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await symlink('nowhere', join(folder, 'link'));
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    try {
      const kinds = { pipe: 'a named pipe', link: 'a symbolic link', socket: 'a socket' };
      for (const [name, kind] of Object.entries({ ...kinds, '.': 'a folder', 'new/': 'a folder' })) {
        const path = `${folder}/${name}`;
        await expect(checkWritable(path), name).rejects.toThrow(
          `cannot write ${path}: it is ${kind}, not a regular file`,
        );
        await expect(writeWhole(path, 'x'), name).rejects.toThrow(`it is ${kind}`);
        await expect(appendWhole(path, 'x'), name).rejects.toThrow(`it is ${kind}`);
      }
      await expect(checkWritable('/dev/null')).rejects.toThrow(/it is a device, not a regular file$/);
    } finally {
      server.close();
    }
  });

  test('reports the reason that a file cannot be written', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'file'), '');
    const inMissing = join(folder, 'missing', 'a');
    const inFile = join(folder, 'file', 'a');
    await expect(checkWritable(join(folder, 'sub'))).rejects.toThrow(/: it is a folder, not a regular file$/);
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

  test('does not write through a link', async () => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink('real', join(folder, 'link'));
    await expect(writeWhole(join(folder, 'link'), 'new')).rejects.toThrow(/it is a symbolic link/);
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('old');
  });

  test('reports why it failed', async () => {
    await expect(writeWhole(join(folder, 'missing', 'a'), 'x')).rejects.toThrow(/^cannot write .+: ENOENT$/);
  });
});

test('appendWhole creates a file and appends to it', async () => {
  const path = join(folder, 'summary.md');
  await appendWhole(path, 'one\n');
  await appendWhole(path, 'two\n');
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
});
