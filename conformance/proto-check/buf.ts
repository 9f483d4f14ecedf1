import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** A proto module, or its earlier version, cannot be read, or buf is missing. One line for each mistake. */
export class ProtoCheckError extends Error {
  override readonly name = 'ProtoCheckError';
  readonly code = 'proto-check-invalid';
}

/** How a program ended, and what it wrote. */
export interface ProgramEnd {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** The working folder. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const limitMs = 60_000;

/**
 * Runs a program to its end, a minute at most. An exit code other than 0 is no error.
 * @throws ProtoCheckError where it cannot be started, or does not end
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
        reject(new ProtoCheckError(`${file} did not end within ${limitMs / 1_000} s`));
      else reject(new ProtoCheckError(`${file} cannot be run: ${error.message.split('\n')[0]}`));
    });
  });
}

/** buf, found and ready to run. */
export interface Buf {
  run(args: readonly string[], options: ProgramOptions): Promise<ProgramEnd>;
}

/** What runs buf on a module. */
export interface BufOptions {
  readonly buf: Buf;
  readonly signal: AbortSignal;
}

/**
 * Where to look for buf: the kit itself and the working folder, then the folders of PATH. `modules` are files from whose
 * folders upwards packages are resolved.
 */
export function bufPlaces(workingFolder: string, path: string) {
  return { modules: [import.meta.url, join(workingFolder, 'package.json')], path };
}

/**
 * Finds buf: the package `@bufbuild/buf`, else the program `buf` on the PATH. The kit does not bring it along: it has
 * 90 MB, and only proto changes need it.
 * @throws ProtoCheckError that says how to get it
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
    'proto check needs buf, which is not here: npm install --save-dev @bufbuild/buf, or put the program buf on the PATH',
  );
}

/** The program of the package for this platform, or the package's slower script; empty without the package. */
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
