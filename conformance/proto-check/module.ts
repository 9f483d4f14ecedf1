import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { createFileRegistry, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type BufOptions, ProtoCheckError, runProgram } from './buf.ts';

/** A compiled proto module. */
export interface ProtoModule {
  /** Display name: a path, or `main (1a2b3c4)`. */
  readonly label: string;
  /** Temporary folder with the files of the module. Empty if the module was given as an image. */
  readonly folder: string;
  /** Path of the compiled module in buf's binary format. */
  readonly image: string;
  readonly registry: FileRegistry;
  /** Converts a path within the module to a path for messages. */
  readonly place: (path: string) => string;
}

/** Options for reading a module. */
export interface ModuleReading extends BufOptions {
  /** Temporary folder, which the caller removes. */
  readonly workspace: string;
}

/** The files of a module and its display names. */
interface Source extends Pick<ProtoModule, 'label' | 'place'> {
  /** Name of the module's folder in the workspace. */
  readonly name: string;
  /** File contents by path within the module. */
  readonly files: ReadonlyMap<string, Buffer>;
}

const images: ReadonlySet<string> = new Set(['.binpb', '.txtpb', '.json']);

/**
 * Reads the module in a folder.
 *
 */
export async function readFolder(path: string, name: string, reading: ModuleReading): Promise<ProtoModule> {
  const files = new Map<string, Buffer>();
  for (const file of await protoFiles(path)) files.set(file, await readFile(join(path, file)));
  if (files.size === 0) throw new ProtoCheckError(`${path}: this folder contains no .proto file`);
  return compile({ files, name, label: path, place: (file) => join(path, file) }, reading);
}

/**
 * Reads the old version of a module: an existing file or folder, or a git commit of the repository that contains
 * the folder of the changed module.
 * @param against a `.proto`, an image (`.binpb`, `.txtpb`, `.json`), a folder, or a git ref
 * @param changed folder of the changed module, to look up in that commit
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
      `--against ${against}: expected a .proto file, an image (.binpb, .txtpb, .json), a folder or a git ref`,
    );
  }
  const content = await readFile(against);
  const protoPackage = /^\s*package\s+([\w.]+)\s*;/m.exec(content.toString('utf8'))?.[1] ?? '';
  // Put the file in the folder of its package, so that buf matches it with the file in the changed module.
  const files = new Map([[join(...protoPackage.split('.'), basename(against)), content]]);
  return compile({ files, name: 'old', label: against, place: () => against }, reading);
}

async function readImage(against: string, reading: ModuleReading): Promise<ProtoModule> {
  const head = { name: 'old', label: against, place: () => against };
  return build([resolve(against)], head, reading, (_, stderr) => {
    return `--against ${against}: not an image: ${firstLine(stderr)}`;
  });
}

async function readCommit(ref: string, changed: string, reading: ModuleReading): Promise<ProtoModule> {
  const git = (args: readonly string[]) => runProgram('git', args, { cwd: changed, signal: reading.signal });
  const found = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (found.code !== 0) {
    const isRepository = (await git(['rev-parse', '--git-dir'])).code === 0;
    const reason = isRepository
      ? `no such commit in the repository of ${changed}`
      : `${changed} is not in a git repository`;
    throw new ProtoCheckError(`--against ${ref}: there is no such file, and ${reason}`);
  }
  const commit = found.stdout.toString('utf8').trim();
  const label = `${ref} (${commit.slice(0, 9)})`;
  const listing = await git(['ls-tree', '-r', '-z', '--name-only', commit, '--', '.']);
  const paths = listing.stdout
    .toString('utf8')
    .split('\0')
    .filter((file) => file.endsWith('.proto'));
  if (listing.code !== 0 || paths.length === 0) {
    throw new ProtoCheckError(`--against ${label}: this commit contains no .proto file in ${changed}`);
  }
  const files = new Map<string, Buffer>();
  for (const path of paths) {
    const { code, stdout, stderr } = await git(['show', `${commit}:./${path}`]);
    if (code !== 0) throw new ProtoCheckError(`--against ${label}: ${path}: ${firstLine(stderr)}`);
    files.set(path, stdout);
  }
  return compile({ files, name: 'old', label, place: (file) => `${label} ${file}` }, reading);
}

async function compile({ files, ...head }: Source, reading: ModuleReading): Promise<ProtoModule> {
  for (const [file, content] of files) {
    const path = join(reading.workspace, head.name, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  const args = ['.', '--config', '{"version":"v2"}', '--error-format', 'json'];
  return build(args, head, reading, (...output) => compileErrors(output.join('\n'), head.place));
}

async function build(
  args: readonly string[],
  { name, ...head }: Omit<Source, 'files'>,
  { buf, workspace, signal }: ModuleReading,
  describe: (stdout: string, stderr: string) => string,
): Promise<ProtoModule> {
  const folder = join(workspace, name);
  await mkdir(folder, { recursive: true });
  const image = join(workspace, `${name}.binpb`);
  const end = await buf.run(['build', ...args, '-o', image], { cwd: folder, signal });
  if (end.code !== 0) throw new ProtoCheckError(describe(end.stdout.toString('utf8'), end.stderr));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(image)));
  return { ...head, folder, image, registry };
}

function compileErrors(output: string, place: ProtoModule['place']): string {
  const lines = output.split('\n').flatMap((line) => {
    try {
      const { path, start_line, start_column, message } = JSON.parse(line);
      return [`${place(String(path))}:${start_line}:${start_column} ${firstLine(String(message))}`];
    } catch {
      return [];
    }
  });
  return lines.length > 0 ? lines.join('\n') : `the module does not compile: ${firstLine(output)}`;
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
