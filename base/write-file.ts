import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { access, appendFile, constants, lstat, rename, rm, stat, writeFile } from 'node:fs/promises';
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
 * Checks that a file can be written, without changing anything. Only a regular file may already be there: writing to a
 * pipe can block forever, and a link may lead to a file that must not be replaced.
 * @throws UnwritableFileError
 */
export async function checkWritable(path: string): Promise<void> {
  const info = await existingFile(path);
  const folder = dirname(path);
  const folderInfo = await statOf(folder);
  if (folderInfo === undefined) throw new UnwritableFileError(path, `the folder ${folder} does not exist`);
  if (!folderInfo.isDirectory()) throw new UnwritableFileError(path, `${folder} is not a folder`);
  try {
    if (info !== undefined) await access(path, constants.W_OK);
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new UnwritableFileError(path, describeSystemError(error));
  }
}

/**
 * Creates a file, or replaces a regular file, atomically, so that readers never see partial content.
 * @throws UnwritableFileError
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  try {
    await existingFile(path);
    await replace(path, content);
  } catch (error) {
    if (error instanceof UnwritableFileError) throw error;
    throw new UnwritableFileError(path, describeSystemError(error));
  }
}

/** Appends to a regular file, and creates it if it is missing. @throws UnwritableFileError */
export async function appendWhole(path: string, content: string): Promise<void> {
  await existingFile(path);
  await appendFile(path, content).catch((error: unknown) => {
    throw new UnwritableFileError(path, describeSystemError(error));
  });
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

/** Returns the regular file at a path, or undefined if there is no file. @throws UnwritableFileError for other kinds */
async function existingFile(path: string): Promise<Stats | undefined> {
  const info = await statOf(path, lstat);
  const kind = path.endsWith('/') ? 'a folder' : info && kindOf(info);
  if (kind !== undefined) throw new UnwritableFileError(path, `it is ${kind}, not a regular file`);
  return info;
}

function kindOf(info: Stats): string | undefined {
  if (info.isFile()) return undefined;
  if (info.isDirectory()) return 'a folder';
  if (info.isSymbolicLink()) return 'a symbolic link';
  if (info.isFIFO()) return 'a named pipe';
  return info.isSocket() ? 'a socket' : 'a device';
}

async function statOf(
  path: string,
  inspect: (path: string) => Promise<Stats> = stat,
): Promise<Stats | undefined> {
  try {
    return await inspect(path);
  } catch (error) {
    if (describeSystemError(error) === 'ENOENT') return undefined;
    throw new UnwritableFileError(path, describeSystemError(error));
  }
}

/** Describes the reason that a write failed, as the end of a message. */
export function describeSystemError(error: unknown): string {
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
