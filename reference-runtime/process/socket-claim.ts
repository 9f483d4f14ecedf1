import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';

/** The maximum length of a Unix domain socket path in bytes. */
export const maxSocketPathBytes = 107;

const probeTimeoutMs = 2000;

/** A socket that this process is listening on. */
export interface SocketClaim {
  readonly path: string;
  readonly server: Server;
  /** Distinguishes this socket file from a later one at the same path. */
  readonly identity: { readonly device: number; readonly inode: number };
}

/** The socket cannot be claimed. The message is one line with the reason and the remedy. */
export class SocketUnavailable extends Error {
  override readonly name = 'SocketUnavailable';
  readonly code: 'too_long' | 'in_use' | 'not_a_socket' | 'cannot_bind';

  constructor(code: SocketUnavailable['code'], message: string) {
    super(message);
    this.code = code;
  }
}

type Accept = (connection: Socket) => void;

/** Hooks that claim and release a socket path. */
export const socketHooks = { claimSocket, releaseSocket };
export type SocketHooks = typeof socketHooks;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new SocketUnavailable('cannot_bind', `Cannot inspect ${path}: ${codeOf(error)}`);
  }
}

/** Returns whether a process is listening on a socket. A timeout counts as true. */
function hasListener(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(probeTimeoutMs, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => settle(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error))));
  });
}

/** Removes a stale socket file. @throws SocketUnavailable for a socket in use or any other file (LIFE-4 to -6) */
async function removeStale(path: string): Promise<void> {
  const found = await statOf(path);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new SocketUnavailable('not_a_socket', `${path} is not a socket: remove it or choose another path`);
  }
  if (await hasListener(path)) {
    const message = `Another process is already listening on ${path}: stop it or choose another path`;
    throw new SocketUnavailable('in_use', message);
  }
  const still = await statOf(path);
  if (still?.ino === found.ino && still.dev === found.dev) await unlink(path);
}

/** Binds with mode 0600 from the start, because `listen` binds synchronously under the umask (LIFE-7). */
async function listen(server: Server, path: string): Promise<void> {
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await once(server, 'listening');
}

/**
 * Moves the socket to its final path without replacing a file there. Renames it if the file system has no hard links.
 */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error;
    if ((await statOf(path)) !== undefined) throw error;
    await rename(temporary, path);
    return;
  }
  await unlink(temporary);
}

/**
 * Binds to a temporary path in the same folder, and then moves the socket to the final path atomically. Closing a
 * server unlinks the path that it was bound to. If that were the final path, it could remove another process's socket.
 */
async function bind(path: string, accept: Accept): Promise<SocketClaim> {
  const temporary = join(dirname(path), `.${randomBytes(3).toString('hex')}`);
  const isShort = Buffer.byteLength(temporary) <= maxSocketPathBytes;
  const server = createServer({ pauseOnConnect: true }, accept);
  try {
    await listen(server, isShort ? temporary : path);
    if (isShort) await publish(temporary, path);
  } catch (error) {
    server.close();
    throw error;
  }
  const { dev: device, ino: inode } = await lstat(path);
  return { path, server, identity: { device, inode } };
}

/**
 * Claims a socket path and listens on it with mode 0600 (LIFE-7).
 * @param accept receives each connection in the paused state
 * @throws SocketUnavailable if the path is too long, another process is listening on it (LIFE-5), the file there is not
 *   a socket (LIFE-6), or binding fails
 */
export async function claimSocket(path: string, accept: Accept): Promise<SocketClaim> {
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPathBytes) {
    const message = `The socket path has ${bytes} bytes, but the limit is ${maxSocketPathBytes}: choose a shorter path`;
    throw new SocketUnavailable('too_long', message);
  }
  for (let attempt = 0; attempt < 3; attempt++) {
    await removeStale(path);
    try {
      return await bind(path, accept);
    } catch (error) {
      if (error instanceof SocketUnavailable) throw error;
      const code = codeOf(error);
      if (code !== 'EEXIST' && code !== 'EADDRINUSE') {
        throw new SocketUnavailable('cannot_bind', `Cannot listen on ${path}: ${code}`);
      }
    }
  }
  throw new SocketUnavailable('in_use', `Another process took ${path}: stop it or choose another path`);
}

/** Stops accepting connections and removes the socket file, unless another socket has replaced it (LIFE-8). */
export async function releaseSocket({ path, server, identity }: SocketClaim): Promise<void> {
  server.close();
  const found = await statOf(path);
  if (found?.ino === identity.inode && found.dev === identity.device) await unlink(path);
}

/** A listening socket without a server. Its connections wait until `handTo` is called. */
export interface HeldSocket {
  readonly claim: SocketClaim;
  /** Passes all waiting and later connections to `accept`, and resumes each one when `accept` returns. */
  handTo(accept: Accept): void;
}

/**
 * Claims a socket path before the rest of the process is loaded, so that a failure is reported early.
 * @param claim replaces `claimSocket`
 * @throws SocketUnavailable
 */
export async function holdSocket(
  path: string,
  claim: SocketHooks['claimSocket'] = claimSocket,
): Promise<HeldSocket> {
  const waiting: Socket[] = [];
  let pass: Accept = (connection) => {
    waiting.push(connection);
  };
  return {
    claim: await claim(path, (connection) => pass(connection)),
    handTo(accept) {
      pass = (connection) => {
        accept(connection);
        // A paused connection emits `end` only after resume, so the new owner does not miss an earlier end.
        connection.resume();
      };
      for (const connection of waiting.splice(0)) pass(connection);
    },
  };
}
