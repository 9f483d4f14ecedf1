import { link, lstat, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimSocket as claim, maxSocketPathBytes, releaseSocket } from './socket-claim.ts';

const claimSocket = (at: string) => claim(at, (connection) => connection.destroy());

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-'));
  path = join(folder, 's');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Creates a socket file without a listening process. */
async function leaveStale(): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 't'), resolve));
  await link(join(folder, 't'), path);
  await new Promise((resolve) => server.close(resolve));
}

function canConnect(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('claimSocket', () => {
  it('listens with access for the owner only, and leaves no temporary files behind', async () => {
    const claim = await claimSocket(path);
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['s']);
    expect(await canConnect()).toBe(true);
    await releaseSocket(claim);
    expect(await readdir(folder)).toEqual([]);
  });

  it('replaces a stale socket', async () => {
    await leaveStale();
    expect(await canConnect()).toBe(false);
    const claim = await claimSocket(path);
    expect(await canConnect()).toBe(true);
    await releaseSocket(claim);
  });

  it('does not touch a socket with a listening process', async () => {
    const claim = await claimSocket(path);
    await expect(claimSocket(path)).rejects.toMatchObject({ code: 'in_use' });
    expect(await canConnect()).toBe(true);
    expect(await readdir(folder)).toEqual(['s']);
    await releaseSocket(claim);
  });

  it('gives the path to one of several concurrent claims', async () => {
    await leaveStale();
    const results = await Promise.allSettled([claimSocket(path), claimSocket(path), claimSocket(path)]);
    const won = results.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(await canConnect()).toBe(true);
    for (const { value } of won) await releaseSocket(value);
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not touch a file that is not a socket', async () => {
    await writeFile(path, 'text');
    await expect(claimSocket(path)).rejects.toMatchObject({ code: 'not_a_socket' });
    expect((await lstat(path)).isFile()).toBe(true);
    await rm(path);
    await mkdir(path);
    await expect(claimSocket(path)).rejects.toMatchObject({ code: 'not_a_socket' });
    await rm(path, { recursive: true });
    await symlink('/nowhere', path);
    await expect(claimSocket(path)).rejects.toMatchObject({ code: 'not_a_socket' });
    expect(await readdir(folder)).toEqual(['s']);
  });

  it('reports the reason that it cannot bind', async () => {
    await expect(claimSocket(join(folder, 'no', 's'))).rejects.toMatchObject({ code: 'cannot_bind' });
    const long = join(folder, 'x'.repeat(maxSocketPathBytes));
    await expect(claimSocket(long)).rejects.toMatchObject({ code: 'too_long' });
  });

  it('binds a path of the maximum length', async () => {
    path = join(folder, 'x'.repeat(maxSocketPathBytes - folder.length - 1));
    const claim = await claimSocket(path);
    expect(await canConnect()).toBe(true);
    await releaseSocket(claim);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('releaseSocket', () => {
  it('does not remove a socket that replaced its own', async () => {
    const old = await claimSocket(path);
    await rename(path, join(folder, 'old'));
    const other = await claimSocket(path);
    await releaseSocket(old);
    expect(await canConnect()).toBe(true);
    await releaseSocket(other);
    expect(await readdir(folder)).toEqual(['old']);
  });
});
