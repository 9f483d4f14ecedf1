import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { UsageError } from '../../plan/usage-error.ts';

/**
 * Watches a socket file until disposed of.
 * @param onChange called when a program has bound the socket again
 * @throws UsageError if the folder of the socket cannot be watched
 */
export async function watchSocket(path: string, onChange: (path: string) => void): Promise<Disposable> {
  let known = await identityOf(path);
  const check = async () => {
    const current = await identityOf(path);
    if (current === known) return;
    known = current;
    if (current !== undefined) onChange(path);
  };
  let watcher: FSWatcher;
  try {
    // The folder, because a restarted program replaces the file.
    watcher = watch(dirname(path), (_, name) => {
      if (name === null || name === basename(path)) void check();
    });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`--watch: the folder of ${path} cannot be watched: ${reason}`);
  }
  watcher.on('error', () => watcher.close());
  return { [Symbol.dispose]: () => watcher.close() };
}

/** Returns a text that differs for each file at this path, or undefined if there is no socket. */
async function identityOf(path: string): Promise<string | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isSocket() ? `${info.ino} ${info.ctimeMs}` : undefined;
}
