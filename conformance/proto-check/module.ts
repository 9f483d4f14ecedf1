import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Buf } from './buf.ts';
import { runProgram } from './program.ts';
import { ProtoCheckError } from './proto-check-error.ts';

/** A proto module, compiled. */
export interface ProtoModule {
  /** For people: a path, or `main (1a2b3c4)`. */
  readonly label: string;
  /** A folder of our own with the module's files, or with nothing where it came as an image. */
  readonly folder: string;
  /** The compiled module as a file, in buf's binary form. */
  readonly image: string;
  readonly registry: FileRegistry;
  /** Turns a path in the module into one for messages. */
  readonly place: (path: string) => string;
}

/** What is needed to read a module. */
export interface ModuleReading {
  readonly buf: Buf;
  /** A folder of our own, which the caller removes. */
  readonly workspace: string;
  readonly signal: AbortSignal;
}

const images: ReadonlySet<string> = new Set(['.binpb', '.txtpb', '.json']);

/**
 * Reads the module in a folder.
 * @throws ProtoCheckError where there is none, or it does not compile, with the place of each mistake
 */
export async function readFolder(path: string, name: string, reading: ModuleReading): Promise<ProtoModule> {
  const folder = join(reading.workspace, name);
  const files = await protoFiles(path);
  if (files.length === 0) throw new ProtoCheckError(`${path}: there is no .proto file in this folder`);
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await copyFile(join(path, file), join(folder, file));
  }
  const place = (file: string): string => join(path, file);
  return compile({ folder, label: path, place }, name, reading);
}

/**
 * Reads what a module is held against: a file or folder that is there, else a git commit of the repository in which the
 * changed module's folder is.
 * @param against a `.proto`, an image (`.binpb`, `.txtpb`, `.json`), a folder, or a git ref
 * @param changed the folder of the changed module, which is looked up in that commit
 * @throws ProtoCheckError
 */
export async function readAgainst(
  against: string,
  changed: string,
  reading: ModuleReading,
): Promise<ProtoModule> {
  const info = await stat(against).catch(() => undefined);
  if (info?.isDirectory()) return readFolder(against, 'old', reading);
  if (info === undefined) return readCommit(against, changed, reading);
  const extension = extname(against);
  if (images.has(extension)) return readImage(against, reading);
  if (extension !== '.proto') {
    throw new ProtoCheckError(
      `--against ${against}: that is no .proto file, no image (.binpb, .txtpb, .json), no folder and no git ref`,
    );
  }
  const text = await readFile(against, 'utf8');
  const protoPackage = /^\s*package\s+([\w.]+)\s*;/m.exec(text)?.[1] ?? '';
  // At the place that its package asks for, so that it is the same file as the one it is compared with.
  const inside = join(...protoPackage.split('.'), basename(against));
  const folder = join(reading.workspace, 'old');
  await mkdir(dirname(join(folder, inside)), { recursive: true });
  await writeFile(join(folder, inside), text);
  return compile({ folder, label: against, place: () => against }, 'old', reading);
}

async function readImage(against: string, reading: ModuleReading): Promise<ProtoModule> {
  const folder = join(reading.workspace, 'old');
  await mkdir(folder, { recursive: true });
  const image = join(reading.workspace, 'old.binpb');
  const { code, stderr } = await reading.buf.run(['build', resolve(against), '-o', image], {
    cwd: folder,
    signal: reading.signal,
  });
  if (code !== 0) throw new ProtoCheckError(`--against ${against}: not an image: ${firstLine(stderr)}`);
  return { label: against, folder, image, registry: await readRegistry(image), place: () => against };
}

async function readCommit(ref: string, changed: string, reading: ModuleReading): Promise<ProtoModule> {
  const git = (args: readonly string[]) => runProgram('git', args, { cwd: changed, signal: reading.signal });
  const found = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (found.code !== 0) {
    const isRepository = (await git(['rev-parse', '--git-dir'])).code === 0;
    throw new ProtoCheckError(
      isRepository
        ? `--against ${ref}: there is no such file, and no such commit in the repository of ${changed}`
        : `--against ${ref}: there is no such file, and ${changed} is in no git repository`,
    );
  }
  const commit = found.stdout.toString('utf8').trim();
  const label = `${ref} (${commit.slice(0, 9)})`;
  const listing = await git(['ls-tree', '-r', '-z', '--name-only', commit, '--', '.']);
  const files = listing.stdout
    .toString('utf8')
    .split('\0')
    .filter((file) => file.endsWith('.proto'));
  if (listing.code !== 0 || files.length === 0) {
    throw new ProtoCheckError(`--against ${label}: that commit has no .proto file in ${changed}`);
  }
  const folder = join(reading.workspace, 'old');
  for (const file of files) {
    const { code, stdout, stderr } = await git(['show', `${commit}:./${file}`]);
    if (code !== 0) throw new ProtoCheckError(`--against ${label}: ${file}: ${firstLine(stderr)}`);
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), stdout);
  }
  return compile({ folder, label, place: (file) => `${label} ${file}` }, 'old', reading);
}

async function compile(
  source: Pick<ProtoModule, 'folder' | 'label' | 'place'>,
  name: string,
  { buf, workspace, signal }: ModuleReading,
): Promise<ProtoModule> {
  const image = join(workspace, `${name}.binpb`);
  const { code, stdout, stderr } = await buf.run(
    ['build', '.', '-o', image, '--config', '{"version":"v2"}', '--error-format', 'json'],
    { cwd: source.folder, signal },
  );
  if (code !== 0)
    throw new ProtoCheckError(compileErrors(`${stdout.toString('utf8')}\n${stderr}`, source.place));
  return { ...source, image, registry: await readRegistry(image) };
}

function compileErrors(output: string, place: ProtoModule['place']): string {
  const lines = output.split('\n').flatMap((line) => {
    try {
      const { path, start_line, start_column, message } = JSON.parse(line);
      return [`${place(String(path))}:${start_line}:${start_column} ${String(message).split('\n')[0]}`];
    } catch {
      return [];
    }
  });
  return lines.length > 0 ? lines.join('\n') : `the module does not compile: ${firstLine(output)}`;
}

async function readRegistry(image: string): Promise<FileRegistry> {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(image)));
}

async function protoFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ENOENT' ? 'there is no such folder' : `it cannot be read (${error.code})`;
      throw new ProtoCheckError(`${folder}: ${why}`);
    },
  );
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.proto'))
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .filter((file) => !file.split('/').includes('node_modules'))
    .sort();
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
