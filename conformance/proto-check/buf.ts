import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** Thrown if a proto module cannot be read or buf is missing. The message has one line per problem. */
export class ProtoCheckError extends Error {
  override readonly name = 'ProtoCheckError';
  readonly code = 'proto-check-invalid';
}

/** Exit code and output of a program. */
export interface ProgramEnd {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** Working directory. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const limitMs = 60_000;

/**
 * Runs a program to completion within a minute. A non-zero exit code is not an error.
 * @throws ProtoCheckError if the program cannot be started or exceeds the time limit
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, signal }: ProgramOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const options = { cwd, signal, timeout: limitMs, maxBuffer: 64 << 20, encoding: 'buffer' } as const;
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const end = { stdout, stderr: stderr.toString('utf8') };
      if (error === null) resolve({ code: 0, ...end });
      else if (typeof error.code === 'number') resolve({ code: error.code, ...end });
      else if (signal.aborted) reject(new ProtoCheckError(`${file} was interrupted`));
      else if (error.killed === true)
        reject(new ProtoCheckError(`${file} did not finish within ${limitMs / 1_000} s`));
      else reject(new ProtoCheckError(`cannot run ${file}: ${error.message.split('\n')[0]}`));
    });
  });
}

/** An installed buf. */
export interface Buf {
  run(args: readonly string[], options: ProgramOptions): Promise<ProgramEnd>;
}

/** Options for running buf on a module. */
export interface BufOptions {
  readonly buf: Buf;
  readonly signal: AbortSignal;
}

/**
 * Returns the places to search for buf: the kit, the working folder, and the folders of PATH. `modules` are the files
 * from which packages are resolved.
 */
export function bufPlaces(workingFolder: string, path: string) {
  return { modules: [import.meta.url, join(workingFolder, 'package.json')], path };
}

/**
 * Finds buf: the package `@bufbuild/buf` or the program `buf` on the PATH. The kit does not depend on buf, because it
 * is large (90 MB) and only proto changes need it.
 * @throws ProtoCheckError with installation instructions
 */
export async function findBuf({ modules, path }: ReturnType<typeof bufPlaces>): Promise<Buf> {
  const programs = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, process.platform === 'win32' ? 'buf.exe' : 'buf'));
  const candidates = [
    ...modules.map((start) => () => packagedCommand(start)),
    ...programs.map((file) => async () => ((await isProgram(file)) ? [file] : [])),
  ];
  for (const find of candidates) {
    const [file, ...words] = await find();
    if (file !== undefined) return { run: (args, options) => runProgram(file, [...words, ...args], options) };
  }
  throw new ProtoCheckError(
    'proto check requires buf: run npm install --save-dev @bufbuild/buf, or put buf on the PATH',
  );
}

/**
 * Returns the command that runs the package's binary for this platform, or its slower script if there is no binary.
 * The command is empty if the package is not installed.
 */
async function packagedCommand(start: string): Promise<readonly string[]> {
  try {
    const manifest = createRequire(start).resolve('@bufbuild/buf/package.json');
    const arch = process.platform === 'linux' && process.arch === 'arm64' ? 'aarch64' : process.arch;
    const direct = join(dirname(manifest), '..', `buf-${process.platform}-${arch}`, 'bin', 'buf');
    if (await isProgram(direct)) return [direct];
    const { bin } = JSON.parse(await readFile(manifest, 'utf8'));
    const script = join(dirname(manifest), String(bin.buf));
    await access(script);
    return [process.execPath, script];
  } catch {
    return [];
  }
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
