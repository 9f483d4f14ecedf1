import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { delimiter, dirname, extname, join, relative, resolve } from 'node:path';
import type { ChangingParts } from '../../../runners/target-kind.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { WatchedFolder, WatchedThings } from './watched-things.ts';

/** What to watch besides the targets. */
export interface WatchRequest {
  /** Files and folders that replace the source files in the working folder (`--watch-path`). */
  readonly paths: readonly string[];
  /** Files that the run reads, such as known failures. */
  readonly files: readonly string[];
  /** Folders that the run reads, such as fixtures. */
  readonly folders: readonly string[];
  /** The working folder. Default: that of the process. */
  readonly working?: string;
  /** The value of PATH. Default: that of the process. */
  readonly searchPath?: string;
}

/**
 * Returns what to watch: the files that the commands name, the source files next to scripts, sockets and images.
 * @throws UsageError if a path does not exist or there is nothing to watch, RunnerError
 */
export async function watchedOf(
  parts: readonly ChangingParts[],
  request: WatchRequest,
): Promise<WatchedThings> {
  const { paths, files, folders, working = process.cwd() } = request;
  const commands = parts.flatMap(({ command }) => (command === undefined ? [] : [command]));
  const programs = await Promise.all(commands.map((words) => inCommand(words, request)));
  const chosen = await Promise.all(paths.map((path) => givenPath(resolve(working, path), path)));
  const all = [...programs, ...chosen];
  const images = await Promise.all(parts.map(async (each) => (await each.images?.()) ?? []));
  const things: WatchedThings = {
    files: [
      ...all.flatMap((each) => each.files),
      ...parts.flatMap((each) => each.files ?? []),
      ...files.map((file) => resolve(working, file)),
    ],
    folders: [
      ...(paths.length > 0 ? chosen : programs).flatMap((each) => each.folders),
      ...folders.map((path) => ({ path: resolve(working, path) })),
    ],
    sockets: parts.flatMap(({ socket }) => (socket === undefined ? [] : [socket])),
    images: images.flat(),
  };
  const { sockets } = things;
  // The files that the run reads do not change what the target does.
  const isWatchable = things.files.length > files.length || things.folders.length + sockets.length > 0;
  if (isWatchable || things.images.length > 0) return things;
  throw new UsageError('--watch: this target has no file to watch; name one with --watch-path');
}

type Paths = Pick<WatchedThings, 'files' | 'folders'>;

async function givenPath(path: string, written: string): Promise<Paths> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new UsageError(`--watch-path ${written}: there is no such file or folder`);
  return info.isDirectory() ? { files: [], folders: [{ path }] } : { files: [path], folders: [] };
}

/** Returns the files that a command names and, if one of them is a script, the folder of its sources. */
async function inCommand([program = '', ...args]: readonly string[], request: WatchRequest): Promise<Paths> {
  const { working = process.cwd(), searchPath = process.env['PATH'] ?? '' } = request;
  const places = program.includes('/')
    ? [resolve(working, program)]
    : searchPath.split(delimiter).map((folder) => join(folder, program));
  const executables = await Promise.all(places.map(isExecutable));
  // A program with a path may not exist before it is built.
  const found = program.includes('/') ? places[0] : places.find((_, index) => executables[index]);
  const named = args.map((word) => resolve(working, word));
  const areFiles = await Promise.all(named.map(isFile));
  const files = named.filter((_, index) => areFiles[index]);
  const own = [...(found === undefined || !isWithin(found, working) ? [] : [found]), ...files];
  const scripts = await Promise.all(own.map(async (file) => ((await isBinary(file)) ? [] : [file])));
  const folders = scripts.flat().map((script): WatchedFolder => {
    const path = isWithin(script, working) ? working : dirname(script);
    return { path, extensions: extensionsFor(script) };
  });
  // A program that loads sources by other names, such as `python3 -m runtime` or `go run ./cmd/runtime`.
  const isUnknown = files.length === 0 && (own.length === 0 || args.includes('-m'));
  // The interpreter of a script is not part of the target.
  const isInterpreter = found !== undefined && !own.includes(found) && files.length > 0;
  return {
    files: found === undefined || isInterpreter ? files : [found, ...files],
    folders: isUnknown ? [{ path: working, extensions: allSources }] : folders,
  };
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

async function isExecutable(path: string): Promise<boolean> {
  const mayExecute = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  return mayExecute && isFile(path);
}

function isWithin(path: string, folder: string): boolean {
  return !relative(folder, path).startsWith('..');
}

/**
 * Returns whether a file contains a zero byte near its start, as all executable formats do, or does not exist yet.
 */
async function isBinary(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(512) });
    return buffer.subarray(0, bytesRead).includes(0);
  } catch {
    return true;
  }
}

const javaScript = ['js', 'mjs', 'cjs'];
const typeScript = ['ts', 'mts', 'cts', 'tsx'];
const compiled = [
  'go',
  'rs',
  'java',
  'kt',
  'scala',
  'cs',
  'fs',
  'swift',
  'c',
  'cc',
  'cpp',
  'h',
  'zig',
  'jar',
  'class',
];
const allSources = [...javaScript, ...typeScript, ...compiled, 'py', 'rb', 'php', 'pl', 'lua', 'ex', 'exs'];

/** Returns the extensions of the files that a script may load. */
function extensionsFor(script: string): readonly string[] {
  const extension = extname(script).slice(1);
  if (javaScript.includes(extension)) return javaScript;
  if (typeScript.includes(extension)) return [...typeScript, ...javaScript];
  if (extension === '' || ['sh', 'bash'].includes(extension)) return [...allSources, 'sh'];
  return [extension];
}
