import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';

/** A Markdown file of the documentation. */
export interface Document {
  /** Path relative to the root of the package. */
  readonly path: string;
  readonly text: string;
}

/** Reads the documents of the repository: all at its root and in `docs/`, and the README of each folder. */
export function readDocuments(root = packageRoot()): readonly Document[] {
  const folders = ['.', 'docs', ...foldersIn(root, '.'), ...foldersIn(root, 'runtimes')];
  const paths = folders.flatMap((folder) => {
    const isWhole = folder === '.' || folder === 'docs';
    return readdirSync(join(root, folder))
      .filter((name) => (isWhole ? name.endsWith('.md') : name === 'README.md'))
      .map((name) => join(folder, name));
  });
  return [...new Set(paths)].sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function foldersIn(root: string, folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .filter(({ name }) => name !== 'node_modules' && name !== 'dist')
    .map(({ name }) => join(folder, name));
}
