import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Files and folders that may stay on the disk of a pair. */
const expected: ReadonlySet<string> = new Set(['audit.log', 'tmp']);

/** Returns the files and folders that stopped processes left on a disk. */
export async function leftOnDisk(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => relative(path, join(entry.parentPath, entry.name)));
  return paths.filter((each) => !expected.has(each)).map((each) => `file ${each}`);
}
