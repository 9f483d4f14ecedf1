import { access, constants, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { type ProgramEnd, type ProgramOptions, runProgram } from './program.ts';
import { ProtoCheckError } from './proto-check-error.ts';

/** buf, found and ready to run. */
export interface Buf {
  run(args: readonly string[], options: ProgramOptions): Promise<ProgramEnd>;
}

/**
 * Finds buf: the package `@bufbuild/buf` of the kit or of the working folder, else the program `buf` on the PATH. The kit
 * does not bring it along: it is 90 MB, and only proto changes need it.
 * @throws ProtoCheckError that says how to get it
 */
export async function findBuf({
  folder,
  path,
}: {
  /** The working folder. */
  readonly folder: string;
  /** The value of PATH. */
  readonly path: string;
}): Promise<Buf> {
  for (const start of [import.meta.url, join(folder, 'package.json')]) {
    const script = await packagedScript(start);
    if (script !== undefined) {
      return { run: (args, options) => runProgram(process.execPath, [script, ...args], options) };
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

async function packagedScript(start: string): Promise<string | undefined> {
  try {
    const manifest = createRequire(start).resolve('@bufbuild/buf/package.json');
    const { bin } = JSON.parse(await readFile(manifest, 'utf8'));
    const script = join(dirname(manifest), String(bin.buf));
    await access(script);
    return script;
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
