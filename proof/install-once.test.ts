import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installOnce } from './install-once.ts';

describe('installOnce', () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'install-once-'));
  });
  afterEach(() => rm(cache, { recursive: true }));

  const write = (text: string) => (fresh: string) => writeFile(join(fresh, 'program'), text);

  it('installs on the first call only', async () => {
    const folder = join(cache, 'new', 'program@1');
    await installOnce(folder, write('first'));
    await installOnce(folder, write('second'));
    expect(await readFile(join(folder, 'program'), 'utf8')).toBe('first');
  });

  it('keeps an installation that another process completes meanwhile', async () => {
    const folder = join(cache, 'program@1');
    await installOnce(folder, async (fresh) => {
      await write('first')(fresh);
      await installOnce(folder, write('second'));
    });
    expect(await readFile(join(folder, 'program'), 'utf8')).toBe('second');
    expect(await readdir(cache)).toEqual(['program@1']);
  });

  it('leaves nothing behind if the installation fails', async () => {
    const failing = installOnce(join(cache, 'program@1'), () => Promise.reject(new Error('no network')));
    await expect(failing).rejects.toThrow('no network');
    expect(await readdir(cache)).toEqual([]);
  });
});
