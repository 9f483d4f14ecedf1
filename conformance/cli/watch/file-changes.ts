import { once } from 'node:events';
import { dirname, extname, resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import type { WatchedFolder, WatchedThings } from './watched-things.ts';

/** Folders with dependencies or build results, which are not watched below a watched folder. */
const ignoredFolders: ReadonlySet<string> = new Set([
  'node_modules',
  '__pycache__',
  'venv',
  'target',
  'coverage',
]);

/**
 * Watches files and folders until disposed of. Hidden files and folders with dependencies are ignored.
 * @param onChange called with the absolute path of a file that was added, changed or removed
 * @param warn called with one line if something cannot be watched
 */
export async function watchFiles(
  { files, folders }: Pick<WatchedThings, 'files' | 'folders'>,
  onChange: (path: string) => void,
  warn: (message: string) => void,
): Promise<AsyncDisposable> {
  if (files.length + folders.length === 0) return { [Symbol.asyncDispose]: async () => {} };
  const named = new Set(files.map((file) => resolve(file)));
  // The folders of the files, because a build replaces a file, or creates it later.
  const parents = new Set([...named].map((file) => dirname(file)));
  const isNamed = (path: string) => named.has(path) || parents.has(path);
  const watcher = watch([...parents, ...folders.map(({ path }) => path)], {
    ignoreInitial: true,
    ignored: (path, info) => !isNamed(path) && !folders.some((folder) => isRelevant(path, info, folder)),
  });
  watcher.on('all', (event, path) => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    // A build removes the program before it writes the new one.
    if (event === 'unlink' && named.has(path)) return;
    onChange(path);
  });
  watcher.on('error', (error) => warn(`warning: a file cannot be watched: ${messageOf(error)}`));
  await once(watcher, 'ready');
  return { [Symbol.asyncDispose]: () => watcher.close() };
}

/** Returns whether a path is a watched folder, or a folder or a watched file in one. */
function isRelevant(
  path: string,
  info: { isFile(): boolean } | undefined,
  { path: folder, extensions }: WatchedFolder,
): boolean {
  if (path === folder) return true;
  if (!path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)) return false;
  const parts = path.slice(folder.length).split(sep).filter(Boolean);
  if (parts.some((part) => part.startsWith('.') || ignoredFolders.has(part))) return false;
  return !info?.isFile() || extensions === undefined || extensions.includes(extname(path).slice(1));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
}
