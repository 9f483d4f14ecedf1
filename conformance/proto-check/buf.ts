import { access, constants, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { type ProgramEnd, type ProgramOptions, runProgram } from './program.ts';
import { ProtoCheckError } from './proto-check-error.ts';

/** buf, found and ready to run. */
export interface Buf {
  run(args: readonly string[], options: ProgramOptions): Promise<ProgramEnd>;
}

/** Where buf may be. */
export interface BufPlaces {
  /** Files from whose folders upwards packages are looked for. */
  readonly modules: readonly string[];
  /** The value of PATH. */
  readonly path: string;
}

/** The kit itself and the working folder. */
export function bufPlaces(workingFolder: string, path: string): BufPlaces {
  return { modules: [import.meta.url, join(workingFolder, 'package.json')], path };
}

/**
 * Finds buf: the package `@bufbuild/buf`, else the program `buf` on the PATH. The kit
 * does not bring it along: it is 90 MB, and only proto changes need it.
 * @throws ProtoCheckError that says how to get it
 */
export async function findBuf({ modules, path }: BufPlaces): Promise<Buf> {
  for (const start of modules) {
    const command = await packagedCommand(start);
    if (command !== undefined) {
      const [file, ...words] = command;
      return { run: (args, options) => runProgram(file, [...words, ...args], options) };
    }
  }
  for (const place of path.split(delimiter)) {
    const file = join(place, process.platform === 'win32' ? 'buf.exe' : 'buf');
    if (place !== '' && (await isProgram(file))) {
      return { run: (args, options) => runProgram(file, args, options) };
    }
  }
  throw new ProtoCheckError(
    'proto check needs buf, which is not here: npm install --save-dev @bufbuild/buf, or put the program buf on the PATH',
  );
}

/** The program of the package for this platform, or the package's script, which looks for that itself and takes longer. */
async function packagedCommand(start: string): Promise<readonly [string, ...string[]] | undefined> {
  try {
    const manifest = createRequire(start).resolve('@bufbuild/buf/package.json');
    const arch = process.platform === 'linux' && process.arch === 'arm64' ? 'aarch64' : process.arch;
    const program = join('..', `buf-${process.platform}-${arch}`, 'bin', 'buf');
    const direct = join(dirname(manifest), program);
    if (await isProgram(direct)) return [direct];
    const { bin } = JSON.parse(await readFile(manifest, 'utf8'));
    const script = join(dirname(manifest), String(bin.buf));
    await access(script);
    return [process.execPath, script];
  } catch {
    return undefined;
  }
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
