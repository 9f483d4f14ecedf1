import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Disk, mountsBelow } from './disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'disk-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a disk can be filled and freed, or has the reason why it cannot be filled', async () => {
  const disk = await Disk.make(join(folder, 'disk'));
  try {
    const isMounted = disk.unfillable === undefined;
    // Only root can mount, and the test must not fill the disk of the machine.
    expect(isMounted || /cannot be mounted/.test(disk.unfillable ?? '')).toBe(true);
    expect(await mountsBelow(folder)).toEqual(isMounted ? [`mount ${disk.path}`] : []);
    const free = isMounted ? await disk.fill() : undefined;
    const write = () => writeFile(join(disk.path, 'file'), 'content');
    if (free !== undefined) await expect(write()).rejects.toThrow('ENOSPC');
    await free?.();
    await write();
  } finally {
    await disk[Symbol.asyncDispose]();
  }
  expect(await mountsBelow(folder)).toEqual([]);
});
