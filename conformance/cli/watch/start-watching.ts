import { relative } from 'node:path';
import { count, firstOf } from '../../text/text.ts';
import type { WatchedThings } from './watched-things.ts';

/** Called while things are watched. */
export interface WatchCallbacks {
  /** @param name the changed path relative to the working folder, or the changed image */
  readonly onChange: (name: string) => void;
  /** Called with one line if something cannot be watched any more. */
  readonly warn: (message: string) => void;
}

/**
 * Watches files, folders, sockets and images until disposed of.
 * @throws UsageError, RunnerError if something cannot be watched
 */
export async function startWatching(
  things: WatchedThings,
  { onChange, warn }: WatchCallbacks,
): Promise<AsyncDisposable> {
  const onPath = (path: string) => onChange(pathName(path));
  const watchers: (AsyncDisposable | Disposable)[] = [];
  const close = async () => {
    for (const watcher of watchers) {
      if (Symbol.asyncDispose in watcher) await watcher[Symbol.asyncDispose]();
      else watcher[Symbol.dispose]();
    }
  };
  try {
    const { watchFiles } = await import('./file-changes.ts');
    watchers.push(await watchFiles(things, onPath, warn));
    for (const socket of things.sockets) {
      const { watchSocket } = await import('./socket-changes.ts');
      watchers.push(await watchSocket(socket, onPath));
    }
    if (things.images.length > 0) {
      const { watchImages } = await import('../../../runners/image/image-changes.ts');
      watchers.push(await watchImages({ images: things.images, onChange, warn }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { [Symbol.asyncDispose]: close };
}

const maxExtensions = 8;

/** Describes what is watched: `runtime.py, *.py in ., image my-runtime:latest`. */
export function describeThings({ files, folders, sockets, images }: WatchedThings): string {
  const inFolders = folders.map(({ path, extensions }) => {
    const where = pathName(path);
    if (extensions === undefined) return where;
    const isLong = extensions.length > maxExtensions;
    return `${isLong ? 'source files' : extensions.map((each) => `*.${each}`).join(' ')} in ${where}`;
  });
  const names = [
    ...files.map(pathName),
    ...inFolders,
    ...sockets.map(pathName),
    ...images.map((image) => `image ${image}`),
  ];
  const unique = [...new Set(names)];
  return unique.length > 6 ? `${firstOf(unique, 6)} (${count(unique.length, 'place')})` : unique.join(', ');
}

function pathName(path: string): string {
  const name = relative(process.cwd(), path);
  if (name === '') return '.';
  return name.startsWith('..') ? path : name;
}
