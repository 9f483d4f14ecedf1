import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GoldenChange, type Observed, recordGoldens } from './goldens.ts';

/** What was rewritten in a suite file. */
export interface FileRecording {
  readonly path: string;
  readonly changes: readonly GoldenChange[];
}

/**
 * Records the goldens of a folder of fixtures: every suite file below `cases/` whose literals differ from what was
 * observed is written anew. Returns those files.
 * @throws RecordError before the file at fault is touched
 */
export async function recordFixtures(options: {
  /** The folder with `cases/`. */
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
