import { stat } from 'node:fs/promises';
import { connect } from 'node:net';

/** Whom a socket belongs to, where it can be seen. */
export interface SocketFile {
  /** In octal, such as `0600`. */
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** What is found at a path where a socket should be. */
export type SocketState =
  | { readonly kind: 'listening' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'not-a-socket'; readonly what: string }
  /** A socket, but no process listens on it. */
  | { readonly kind: 'refused' }
  /** This user may not connect. `mode` is undefined where the file cannot even be seen. */
  | ({ readonly kind: 'denied' } & SocketFile)
  /** The connection was neither taken nor refused. */
  | { readonly kind: 'unanswered'; readonly reason: string };

const connectMilliseconds = 2_000;

/** Looks at a socket's path and connects to it once, for 2 seconds at most. Never throws. */
export async function inspectSocket(path: string): Promise<SocketState> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return stateAfter(found.code, found.message);
  if (!found.isSocket()) {
    return { kind: 'not-a-socket', what: found.isDirectory() ? 'a folder' : 'a file that is no socket' };
  }
  const failure = await connectOnce(path);
  if (failure === undefined) return { kind: 'listening' };
  const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
  return stateAfter(failure.code, failure.message, { mode, uid: found.uid, gid: found.gid });
}

/**
 * What a failure to reach a socket shows.
 * @param code of the system: `ENOENT`
 */
export function stateAfter(code: string | undefined, reason: string, file: SocketFile = {}): SocketState {
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'absent' };
  if (code === 'ECONNREFUSED') return { kind: 'refused' };
  if (code === 'EACCES' || code === 'EPERM') return { kind: 'denied', ...file };
  return { kind: 'unanswered', reason };
}

function connectOnce(path: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (failure?: NodeJS.ErrnoException) => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(connectMilliseconds, () =>
      settle(new Error('the connection was not taken within 2 s')),
    );
    socket.once('connect', () => settle());
    socket.once('error', settle);
  });
}
