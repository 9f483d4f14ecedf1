import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeThings, startWatching } from './start-watching.ts';
import type { WatchedThings } from './watched-things.ts';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'watching-')));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const nothing: WatchedThings = { files: [], folders: [], sockets: [], images: [] };

/** Starts watching, and returns a promise of the next change. */
async function watching(things: Partial<WatchedThings>) {
  const names: string[] = [];
  let wake: () => void = () => {};
  const watcher = await startWatching(
    { ...nothing, ...things },
    {
      onChange: (name) => {
        names.push(name);
        wake();
      },
      warn: (message) => {
        throw new Error(message);
      },
    },
  );
  const next = async (): Promise<string | undefined> => {
    if (names.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const [name] = names.splice(0);
    return name;
  };
  return { next, [Symbol.asyncDispose]: () => watcher[Symbol.asyncDispose]() };
}

async function listening(path: string): Promise<Server> {
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  return server;
}

test('notices changed, new and removed source files, and nothing else', async () => {
  await mkdir(join(folder, 'src'));
  await mkdir(join(folder, 'node_modules'));
  await writeFile(join(folder, 'src', 'a.py'), '');
  await using changes = await watching({ folders: [{ path: folder, extensions: ['py'] }] });
  for (const ignored of ['node_modules/b.py', '.hidden.py', 'src/log.txt']) {
    await writeFile(join(folder, ignored), 'x');
  }
  await appendFile(join(folder, 'src', 'a.py'), 'x');
  expect(await changes.next()).toBe(join(folder, 'src', 'a.py'));
  await writeFile(join(folder, 'src', 'new.py'), '');
  expect(await changes.next()).toBe(join(folder, 'src', 'new.py'));
  await rm(join(folder, 'src', 'new.py'));
  expect(await changes.next()).toBe(join(folder, 'src', 'new.py'));
});

test('notices a program that a build replaces or creates', async () => {
  const [built, later] = [join(folder, 'built'), join(folder, 'later')];
  await writeFile(built, 'old');
  await using changes = await watching({ files: [built, later] });
  await writeFile(join(folder, 'temporary'), 'new');
  await rename(join(folder, 'temporary'), built);
  expect(await changes.next()).toBe(built);
  await writeFile(later, 'first');
  expect(await changes.next()).toBe(later);
});

test('notices a runtime that binds its socket again', async () => {
  const path = join(folder, 'mcp.sock');
  const first = await listening(path);
  await using changes = await watching({ sockets: [path] });
  first.close();
  await once(first, 'close');
  const second = await listening(path);
  expect(await changes.next()).toBe(path);
  second.close();
  await once(second, 'close');
});

test('rejects a socket in a folder that does not exist', async () => {
  await expect(watching({ sockets: [join(folder, 'none', 'mcp.sock')] })).rejects.toThrow(
    /^--watch: the folder of .*none\/mcp\.sock cannot be watched: ENOENT$/,
  );
});

test('describes what is watched', () => {
  expect(
    describeThings({
      files: [join(process.cwd(), 'runtime.py'), '/usr/bin/python3'],
      folders: [{ path: process.cwd(), extensions: ['py'] }, { path: '/fixtures' }],
      sockets: ['/run/mcp.sock'],
      images: ['my:latest'],
    }),
  ).toBe('runtime.py, /usr/bin/python3, *.py in ., /fixtures, /run/mcp.sock, image my:latest');
});
