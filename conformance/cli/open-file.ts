import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file cannot be opened. The message is one line with the reason. */
export class OpenFileError extends Error {
  override readonly name = 'OpenFileError';
  readonly code = 'cannot-open';
}

/** The process that opens files. */
export interface Desktop {
  /** `process.platform` */
  readonly platform: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Time in which a program that cannot open a file reports it. Others run until the user closes the file. */
const failureMs = 3_000;

/**
 * Returns a function that opens a file in the program that the desktop has for it. It opens each path once, because a
 * program that shows a page offers to reload it.
 * The function throws OpenFileError.
 */
export function makeOpener(desktop: Desktop): (path: string) => Promise<void> {
  const opened = new Set<string>();
  return async (path) => {
    if (opened.has(path)) return;
    await openFile(path, desktop);
    opened.add(path);
  };
}

/** Starts the program without a shell, so that no character of the path has a meaning. @throws OpenFileError */
async function openFile(path: string, { platform, environment }: Desktop): Promise<void> {
  const program = programs.get(platform) ?? 'xdg-open';
  const displays = ['DISPLAY', 'WAYLAND_DISPLAY', 'BROWSER'];
  // Without a display, xdg-open starts a browser in the terminal.
  if (program === 'xdg-open' && displays.every((name) => (environment[name] ?? '') === '')) {
    throw new OpenFileError(`this session has no display; open ${path} yourself`);
  }
  const child = spawn(program, [path], { detached: true, stdio: 'ignore', env: environment });
  child.unref();
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(failureMs) }).then(
    ([code]: unknown[]) => code,
    (error: NodeJS.ErrnoException) => (error.name === 'AbortError' ? 0 : (error.code ?? error.message)),
  );
  const code = await ended;
  // explorer.exe ends with 1 in any case.
  if (code === 0 || (platform === 'win32' && code === 1)) return;
  throw new OpenFileError(
    code === 'ENOENT'
      ? `there is no program ${program}; open ${path} yourself`
      : `${program} failed (${code}); open ${path} yourself`,
  );
}

const programs: ReadonlyMap<string, string> = new Map([
  ['darwin', 'open'],
  ['win32', 'explorer.exe'],
]);

/** Returns a function that makes a path for a page in a new folder of the user, which is the same in every call. */
export function makeTemporaryPage(): () => Promise<string> {
  let folder: Promise<string> | undefined;
  return async () => {
    folder ??= mkdtemp(join(tmpdir(), 'mcp-runtime-conformance-'));
    return join(await folder, 'report.html');
  };
}
