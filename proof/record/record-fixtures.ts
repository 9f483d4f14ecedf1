import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GoldenChange, type Observed, recordGoldens } from './goldens.ts';

/** Changes to a suite file. */
export interface FileRecording {
  readonly path: string;
  readonly changes: readonly GoldenChange[];
}

/**
 * Rewrites every suite file below `cases/` whose literals differ from the observations. Returns the changed files.
 * @throws RecordError for a file that cannot be rewritten; files before it may already have been written
 */
export async function recordFixtures(options: {
  /** Folder of the fixtures, with `cases/`. */
  readonly directory: string;
  readonly observed: readonly Observed[];
}): Promise<readonly FileRecording[]> {
  const folder = join(options.directory, 'cases');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const recordings: FileRecording[] = [];
  for (const path of paths) {
    const { text, changes } = recordGoldens(await readFile(path, 'utf8'), options.observed);
    if (changes.length === 0) continue;
    await writeFile(path, text);
    recordings.push({ path, changes });
  }
  return recordings;
}
