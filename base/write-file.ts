import { randomUUID } from 'node:crypto';
import { access, constants, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file cannot be written. The message is one line with the path and the reason. */
export class UnwritableFileError extends Error {
  override readonly name = 'UnwritableFileError';
  readonly code = 'unwritable-file';

  constructor(path: string, reason: string) {
    super(`cannot write ${path}: ${reason}`);
  }
}

/**
 * Checks that a file can be written, without changing anything.
 * @throws UnwritableFileError
 */
export async function checkWritable(path: string): Promise<void> {
  const info = await statOf(path);
  if (info?.isDirectory() || path.endsWith('/')) throw new UnwritableFileError(path, 'it is a folder');
  const folder = dirname(path);
  const folderInfo = await statOf(folder);
  if (folderInfo === undefined) throw new UnwritableFileError(path, `the folder ${folder} does not exist`);
  if (!folderInfo.isDirectory()) throw new UnwritableFileError(path, `${folder} is not a folder`);
  try {
    if (info !== undefined) await access(path, constants.W_OK);
    if (info === undefined || info.isFile()) await access(dirname(await target(path)), constants.W_OK);
  } catch (error) {
    throw new UnwritableFileError(path, codeOf(error));
  }
}

/**
 * Replaces a file atomically, so that readers never see partial content. Pipes and devices are written in place.
 * @throws UnwritableFileError
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  try {
    const info = await statOf(path);
    if (info !== undefined && !info.isFile()) {
      await writeFile(path, content);
      return;
    }
    await replace(await target(path), content);
  } catch (error) {
    if (error instanceof UnwritableFileError) throw error;
    throw new UnwritableFileError(path, codeOf(error));
  }
}

async function replace(path: string, content: string): Promise<void> {
  // The temporary name does not include the name of the file, which may already have the maximum length.
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, content, { flag: 'wx' });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Resolves links, so that a link is not replaced. */
async function target(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}

async function statOf(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UnwritableFileError(path, codeOf(error));
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown cause';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'no space left';
    case 'ENOTDIR':
      return 'a part of its path is not a folder';
    default:
      return code;
  }
}
