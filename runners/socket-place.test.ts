import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeFolderPlace, maxSocketPathBytes } from './socket-place.ts';
import { runnerError } from './testing/target.ts';

const mode = async (path: string) => (await stat(path)).mode & 0o777;

describe('makeFolderPlace', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('makes an empty folder for this user only, and removes it with its content', async () => {
    const place = await makeFolderPlace();
    expect(Buffer.byteLength(place.hostPath)).toBeLessThanOrEqual(maxSocketPathBytes);
    expect(await readdir(place.folder)).toEqual([]);
    expect(await mode(place.folder)).toBe(0o700);
    await writeFile(place.hostPath, '');
    await mkdir(join(place.folder, 'more'));
    await place[Symbol.asyncDispose]();
    await expect(stat(dirname(place.folder))).rejects.toThrow('ENOENT');
  });

  it('opens the folder to containers of any user, but not to other users of this machine', async () => {
    await using place = await makeFolderPlace({ everyUser: true });
    expect(await mode(place.folder)).toBe(0o777);
    expect(await mode(dirname(place.folder))).toBe(0o700);
  });

  it('uses /tmp if the path of the temporary folder is long', async () => {
    vi.stubEnv('TMPDIR', `/tmp/${'x'.repeat(100)}`);
    await using place = await makeFolderPlace();
    expect(place.hostPath).toMatch(/^\/tmp\/mcp-/);
  });

  it('rejects a folder in which every path is too long', async () => {
    const error = await runnerError(makeFolderPlace({ socketName: 'x'.repeat(100) }));
    expect(error).toMatchObject({ code: 'path-too-long', message: expect.stringContaining('bytes') });
  });

  it('reports that the folder cannot be created', async () => {
    const error = await runnerError(makeFolderPlace({ parent: '/nonexistent' }));
    expect(error).toMatchObject({
      code: 'permission',
      message: expect.stringContaining('Cannot create a temporary folder in /nonexistent'),
    });
  });
});
