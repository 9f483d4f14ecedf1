import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';

/** The longest path that a Unix domain socket can have, in bytes. */
export const maxSocketPathBytes = 107;

const probeTimeoutMs = 2000;

/** A socket that this process listens on. */
export interface SocketClaim {
  readonly path: string;
  readonly server: Server;
  /** Tells this socket file from any other that may come to be at the path. */
  readonly identity: { readonly device: number; readonly inode: number };
}

/** The socket cannot be had. Its message is one line that says why and what to do. */
export class SocketUnavailable extends Error {
  override readonly name = 'SocketUnavailable';
  readonly code: 'too_long' | 'in_use' | 'not_a_socket' | 'cannot_bind';

  constructor(code: SocketUnavailable['code'], message: string) {
    super(message);
    this.code = code;
  }
}

type Accept = (connection: Socket) => void;

/** How a runtime takes its socket paths and gives them back. */
export const socketHooks = { claimSocket, releaseSocket };
/** The replaceable ways to take a socket path and give it back. */
export type SocketHooks = typeof socketHooks;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new SocketUnavailable('cannot_bind', `Cannot look at ${path}: ${codeOf(error)}`);
  }
}

/** Whether a process listens on a socket. A socket that does not answer in time counts as listened on. */
function isListenedOn(path: string): Promise<boolean> {
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

/** Removes a socket file that nobody listens on; leaves everything else (LIFE-4 to -6). */
async function removeStale(path: string): Promise<void> {
  const found = await statOf(path);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new SocketUnavailable('not_a_socket', `${path} is not a socket: remove it or choose another path`);
  }
  if (await isListenedOn(path)) {
    const message = `Another process listens on ${path}: stop it or choose another path`;
    throw new SocketUnavailable('in_use', message);
  }
  const still = await statOf(path);
  if (still?.ino === found.ino && still.dev === found.dev) await unlink(path);
}

/** Binds with a mode of 0600 from the first moment on: listening on a path binds before it returns (LIFE-7). */
async function listen(server: Server, path: string): Promise<void> {
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await once(server, 'listening');
}

/** Gives the socket its real name. Fails where something has that name, unless links are not possible here. */
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
 * Binds under a temporary name beside the path and then takes the path itself, in one step: closing the server removes
 * the name that it was bound to, which must not be the path, where another socket may be by then.
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
 * Takes a socket path and listens on it, with mode 0600 (LIFE-7).
 * @param accept takes each connection, from the first moment on; nothing is read from it before it is resumed
 * @throws SocketUnavailable where the path is too long, another process listens on it (LIFE-5), it is no socket
 *   (LIFE-6), or binding fails.
 */
export async function claimSocket(path: string, accept: Accept): Promise<SocketClaim> {
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPathBytes) {
    const message = `The socket path has ${bytes} bytes, ${maxSocketPathBytes} are possible: choose a shorter one`;
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

/** Stops accepting connections and removes the socket file, unless it has become another one (LIFE-8). */
export async function releaseSocket({ path, server, identity }: SocketClaim): Promise<void> {
  server.close();
  const found = await statOf(path);
  if (found?.ino === identity.inode && found.dev === identity.device) await unlink(path);
}

/** A socket that listens before there is a runtime to serve it: connections wait until one takes them. */
export interface HeldSocket {
  readonly claim: SocketClaim;
  /** Passes on the connections that wait, and each later one; reading from them begins when `accept` has returned. */
  handTo(accept: Accept): void;
}

/**
 * Takes a socket path. A process does so before it loads the rest of itself, so that it says at once that it cannot
 * have the path.
 * @param claim how it is taken
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
        // Unread until now: one that ended while it waited tells so to whom it is passed on, not to nobody.
        connection.resume();
      };
      for (const connection of waiting.splice(0)) pass(connection);
    },
  };
}
