import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangingParts } from '../../../runners/target-kind.ts';
import { type WatchRequest, watchedOf } from './watched-of.ts';

let root: string;
let working: string;
let bin: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'watched-')));
  working = join(root, 'work');
  bin = join(root, 'bin');
  await mkdir(bin);
  await mkdir(join(working, 'fixtures'), { recursive: true });
  const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]);
  for (const [path, content] of [
    [join(bin, 'python3'), binary],
    [join(bin, 'installed'), binary],
    [join(working, 'runtime'), binary],
    [join(working, 'runtime.py'), 'import handlers\n'],
    [join(working, 'run.sh'), 'exec python3 runtime.py\n'],
    [join(root, 'elsewhere.mjs'), ''],
  ] as const) {
    await writeFile(path, content);
    await chmod(path, 0o755);
  }
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const watched = (parts: ChangingParts, more: Partial<WatchRequest> = {}) =>
  watchedOf([parts], { paths: [], files: [], folders: [], working, searchPath: bin, ...more });
const nothing = { files: [], folders: [], sockets: [], images: [] };

describe('a command', () => {
  test('is a binary that is rebuilt', async () => {
    const things = { ...nothing, files: [join(working, 'runtime')] };
    expect(await watched({ command: ['./runtime', '--verbose'] })).toEqual(things);
  });

  test('is a binary that does not exist yet', async () => {
    const things = { ...nothing, files: [join(working, 'later')] };
    expect(await watched({ command: ['./later'] })).toEqual(things);
  });

  test('is a script with the sources around it', async () => {
    expect(await watched({ command: ['python3', 'runtime.py'] })).toEqual({
      ...nothing,
      files: [join(working, 'runtime.py')],
      folders: [{ path: working, extensions: ['py'] }],
    });
  });

  test('is a shell script that may start any interpreter', async () => {
    const { files, folders } = await watched({ command: ['./run.sh'] });
    expect(files).toEqual([join(working, 'run.sh')]);
    expect(folders).toMatchObject([{ path: working, extensions: expect.arrayContaining(['py', 'sh']) }]);
  });

  test('is a script in another folder', async () => {
    const { folders } = await watched({ command: ['node', '../elsewhere.mjs'] });
    expect(folders).toEqual([{ path: root, extensions: ['js', 'mjs', 'cjs'] }]);
  });

  test('is a module of an interpreter', async () => {
    const { files, folders } = await watched({ command: ['python3', '-m', 'app'] });
    expect(files).toEqual([join(bin, 'python3')]);
    expect(folders).toMatchObject([{ path: working, extensions: expect.arrayContaining(['py', 'js']) }]);
  });
});

test('a module of an interpreter in the working folder, and a build tool, load any sources', async () => {
  for (const command of [
    ['./runtime', '-m', 'app'],
    ['installed', 'run', './cmd'],
  ]) {
    const { folders } = await watched({ command });
    expect(folders).toMatchObject([
      { path: working, extensions: expect.arrayContaining(['py', 'go', 'rs']) },
    ]);
  }
});

describe('--watch-path', () => {
  test('replaces the sources, and keeps the files of the command', async () => {
    const more = { paths: ['fixtures', 'run.sh'] };
    expect(await watched({ command: ['python3', 'runtime.py'] }, more)).toEqual({
      ...nothing,
      files: [join(working, 'runtime.py'), join(working, 'run.sh')],
      folders: [{ path: join(working, 'fixtures') }],
    });
  });

  test('must exist', async () => {
    await expect(watched({}, { paths: ['nowhere'] })).rejects.toThrow(
      '--watch-path nowhere: there is no such file or folder',
    );
  });
});

test('sockets, images, and the files of the run are watched', async () => {
  const parts = { socket: '/run/mcp.sock', images: async () => ['my:1'], files: ['/compose.yaml'] };
  expect(await watched(parts, { files: ['known.yaml'], folders: ['fixtures'] })).toEqual({
    files: ['/compose.yaml', join(working, 'known.yaml')],
    folders: [{ path: join(working, 'fixtures') }],
    sockets: ['/run/mcp.sock'],
    images: ['my:1'],
  });
});

test('a target that never changes cannot be watched', async () => {
  await expect(watched({})).rejects.toThrow(
    '--watch: this target has no file to watch; name one with --watch-path',
  );
});
