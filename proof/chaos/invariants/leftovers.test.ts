import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leftOnDisk } from './leftovers.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'left-'));
  await mkdir(join(folder, 'tmp'));
  await writeFile(join(folder, 'audit.log'), '');
});
afterEach(() => rm(folder, { recursive: true }));

test('the audit log and an empty folder for temporary files may stay', async () => {
  expect(await leftOnDisk(folder)).toEqual([]);
});

test('a socket and a temporary file are left over', async () => {
  await writeFile(join(folder, 'runtime.sock'), '');
  await writeFile(join(folder, 'tmp', 'file'), '');
  expect([...(await leftOnDisk(folder))].sort()).toEqual(['file runtime.sock', 'file tmp/file']);
});
