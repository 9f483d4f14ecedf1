import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeFolderPlace, maxSocketPathBytes } from './socket-place.ts';
import { runnerError } from './testing/target.ts';

const mode = async (path: string) => (await stat(path)).mode & 0o777;

describe('makeFolderPlace', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('makes an empty folder for this user alone, and removes it with what is in it', async () => {
    const place = await makeFolderPlace();
    expect(Buffer.byteLength(place.hostPath)).toBeLessThanOrEqual(maxSocketPathBytes);
    expect(await readdir(place.folder)).toEqual([]);
    expect(await mode(place.folder)).toBe(0o700);
    await writeFile(place.hostPath, '');
    await mkdir(join(place.folder, 'more'));
    await place[Symbol.asyncDispose]();
    await expect(stat(dirname(place.folder))).rejects.toThrow('ENOENT');
  });

  it('opens the folder to a container of any user, but not to the users of this machine', async () => {
    await using place = await makeFolderPlace({ everyUser: true });
    expect(await mode(place.folder)).toBe(0o777);
    expect(await mode(dirname(place.folder))).toBe(0o700);
  });

  it('goes to /tmp where the temporary folder has a long path', async () => {
    vi.stubEnv('TMPDIR', `/tmp/${'x'.repeat(100)}`);
    await using place = await makeFolderPlace();
    expect(place.hostPath).toMatch(/^\/tmp\/mcp-/);
  });

  it('says that no path fits', async () => {
    const error = await runnerError(makeFolderPlace({ socketName: 'x'.repeat(100) }));
    expect(error).toMatchObject({ code: 'path-too-long', message: expect.stringContaining('bytes') });
  });

  it('says that no folder can be made', async () => {
    const error = await runnerError(makeFolderPlace({ parent: '/nonexistent' }));
    expect(error).toMatchObject({
      code: 'permission',
      message: expect.stringContaining('No temporary folder can be made in /nonexistent'),
    });
  });
});
