import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { UsageError } from '../../plan/usage-error.ts';

/** Where a program would be started. */
export interface ProgramPlace {
  /** The working directory. Undefined: the current one. */
  readonly cwd: string | undefined;
  /** The value of PATH. */
  readonly path: string | undefined;
}

/**
 * Checks that a program can be started, because otherwise only the first session would show that it cannot.
 * @param file a path, or a name on PATH
 * @throws UsageError
 */
export async function checkProgram(file: string, { cwd = '.', path = '' }: ProgramPlace): Promise<void> {
  if (!(await isFolder(cwd))) throw new UsageError(`--cwd: the folder ${cwd} does not exist`);
  if (!file.includes('/')) {
    const folders = path.split(delimiter).filter((folder) => folder !== '');
    const found = await Promise.all(folders.map((folder) => isProgram(join(folder, file))));
    if (found.includes(true)) return;
    throw new UsageError(`--stdio: the command ${file} is not on PATH; give its path, such as ./${file}`);
  }
  const place = resolve(cwd, file);
  if (!(await may(place, constants.F_OK))) throw new UsageError(`--stdio: the file ${place} does not exist`);
  if (!(await isProgram(place))) {
    throw new UsageError(`--stdio: this user may not execute ${place}; run: chmod +x ${place}`);
  }
}

async function isProgram(path: string): Promise<boolean> {
  return (await may(path, constants.X_OK)) && !(await isFolder(path));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
