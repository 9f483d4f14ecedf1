import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { FixtureError, type FixtureProblem, YamlFile } from './yaml-file.ts';

/** A file that was read, or the problems that prevented reading it. */
export type Content =
  | { readonly file: YamlFile; readonly problems: readonly never[] }
  | { readonly file: undefined; readonly problems: readonly FixtureProblem[] };

/** The message for a missing file. */
export const absence = 'no such file or folder';

/** Reads and parses a YAML file. */
export async function readYaml(path: string): Promise<Content> {
  const label = labelOf(path);
  try {
    return { file: new YamlFile(label, await readFile(path)), problems: [] };
  } catch (error) {
    if (error instanceof FixtureError) return { file: undefined, problems: error.problems };
    return { file: undefined, problems: [unreadable(label, error)] };
  }
}

/** Finds every `.yaml` below a folder, sorted by path. Reports a file with the extension .yml or .json as a problem. */
export async function suiteFiles(
  folder: string,
): Promise<{ readonly paths: readonly string[]; readonly problems: readonly FixtureProblem[] }> {
  const label = labelOf(folder);
  let entries: readonly Dirent[];
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    const hint = 'a folder of fixtures needs a folder cases/ with suites';
    return { paths: [], problems: [{ ...unreadable(label, error), hint }] };
  }
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const paths = files.filter((path) => path.endsWith('.yaml'));
  const problems = files
    .filter((path) => /\.(yml|json)$/.test(path))
    .map((path) => problemOf(labelOf(path), 'suites need the extension .yaml', 'rename this file'));
  if (paths.length === 0 && problems.length === 0) {
    problems.push(problemOf(label, 'this folder has no suites', 'add a .yaml file with cases'));
  }
  return { paths, problems };
}

/**
 * Returns the names of the files in a folder that have the given ending, without the ending. A missing folder counts as
 * empty.
 */
export async function namesIn(folder: string, ending: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return new Set(names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: absence,
  EACCES: 'no permission to read it',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'it is a file, not a folder',
};

function unreadable(file: string, error: unknown): FixtureProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return problemOf(file, reasons[code] ?? errorMessage(error));
}

function problemOf(file: string, message: string, hint?: string): FixtureProblem {
  return { file, line: 1, column: 1, message, hint };
}

/** The path for messages: relative if it is inside the package or the current folder, otherwise absolute. */
function labelOf(path: string): string {
  const full = resolve(path);
  for (const base of [packageRoot(), process.cwd()]) {
    const inside = relative(base, full);
    if (inside !== '' && !inside.startsWith('..') && !isAbsolute(inside)) return inside;
  }
  return full;
}
