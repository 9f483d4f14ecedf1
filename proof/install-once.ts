import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Installs into a folder, unless it exists. Installs into a temporary folder and renames it when complete, so that an
 * interrupted installation is not reused. If another process completes the same installation first, keeps that one.
 * @param install receives the temporary folder
 * @throws Error if the installation fails
 */
export async function installOnce(
  folder: string,
  install: (fresh: string) => Promise<unknown>,
): Promise<void> {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}.`);
  try {
    await install(fresh);
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
