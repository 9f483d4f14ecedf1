import { stat } from 'node:fs/promises';
import { connect } from 'node:net';

/** Mode and owner of a socket file, if known. */
export interface SocketFile {
  /** The mode in octal, such as `0600`. */
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** The state of a socket path. */
export type SocketState =
  | { readonly kind: 'listening' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'not-a-socket'; readonly what: string }
  /** A socket file without a listening process. */
  | { readonly kind: 'refused' }
  /** This user may not connect. `mode` is undefined if the folder is not accessible either. */
  | ({ readonly kind: 'denied' } & SocketFile)
  /** The connection was neither accepted nor refused. */
  | { readonly kind: 'unanswered'; readonly reason: string };

const connectMilliseconds = 2_000;

/** Inspects a socket path and tries one connection, for at most 2 seconds. Never throws. */
export async function inspectSocket(path: string): Promise<SocketState> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) return stateAfter(found.code, found.message);
  if (!found.isSocket()) {
    return { kind: 'not-a-socket', what: found.isDirectory() ? 'a folder' : 'a file that is not a socket' };
  }
  const failure = await connectOnce(path);
  if (failure === undefined) return { kind: 'listening' };
  const mode = (found.mode & 0o7777).toString(8).padStart(4, '0');
  return stateAfter(failure.code, failure.message, { mode, uid: found.uid, gid: found.gid });
}

/**
 * Derives the state of a socket from a failure to reach it.
 * @param code the error code of the system, such as `ENOENT`
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
      settle(new Error('the connection was not accepted within 2 s')),
    );
    socket.once('connect', () => settle());
    socket.once('error', settle);
  });
}
