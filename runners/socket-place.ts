import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../base/error-message.ts';
import { cleanUpOnExit } from './exit-cleanup.ts';
import { RunnerError, type SocketPlace } from './runner.ts';

/** The most bytes that a socket's path may have: `sun_path` less its terminating zero byte. */
export const maxSocketPathBytes = process.platform === 'linux' ? 107 : 103;

export interface FolderPlaceOptions {
  /** The socket's file name. Default `runtime.sock`. */
  readonly socketName?: string;
  /** Lets processes of every user make the socket, as a container's may be. Nobody else can reach the folder by path. */
  readonly everyUser?: boolean;
  /** The socket's path as the target will see it, where that is another. */
  readonly targetPath?: string;
  /** Where to make the folder. Default: the system's temporary folder, or /tmp where that makes the path too long. */
  readonly parent?: string;
}

/** A fresh folder on this machine with a path for a socket in it. */
export interface FolderPlace extends SocketPlace {
  readonly hostPath: string;
  /** The folder that holds the socket, and nothing else to begin with. */
  readonly folder: string;
}

/** @throws RunnerError `path-too-long` where `path` cannot be the address of a socket */
export function checkSocketPathLength(path: string, advice: string): void {
  const length = Buffer.byteLength(path);
  if (length > maxSocketPathBytes) {
    throw new RunnerError(
      'path-too-long',
      `The socket path ${path} has ${length} bytes; the system allows ${maxSocketPathBytes}.`,
      advice,
    );
  }
}

/**
 * Makes a folder for a socket. Its parent, also ours, has mode 0700, so that the folder itself can be open to a
 * container's user without being open to this machine's.
 * @throws RunnerError `path-too-long`, or `permission` where no folder can be made
 */
export async function makeFolderPlace(options: FolderPlaceOptions = {}): Promise<FolderPlace> {
  const socketName = options.socketName ?? 'runtime.sock';
  const parent = options.parent ?? shortEnough([tmpdir(), '/tmp'], socketName);
  checkSocketPathLength(
    join(parent, 'mcp-XXXXXX', 's', socketName),
    'Set TMPDIR to a folder with a shorter path.',
  );
  const outer = await mkdtemp(join(parent, 'mcp-')).catch((error: Error) => {
    throw new RunnerError(
      'permission',
      `No temporary folder can be made in ${parent}: ${error.message}`,
      'Set TMPDIR to a folder that this user may write to.',
    );
  });
  const registration = cleanUpOnExit({
    undo: () => rmSync(outer, { recursive: true, force: true }),
    commands: [['rm', '-rf', '--', outer]],
  });
  const folder = join(outer, 's');
  await mkdir(folder, { mode: 0o700 });
  if (options.everyUser === true) {
    // The mode given to mkdir is cut by the umask; this one is not.
    await chmod(folder, 0o777);
  }
  return {
    hostPath: join(folder, socketName),
    targetPath: options.targetPath,
    folder,
    async [Symbol.asyncDispose]() {
      await removeFolder(outer);
      registration[Symbol.dispose]();
    },
  };
}

function shortEnough(parents: readonly [string, string], socketName: string): string {
  const [first, second] = parents;
  return Buffer.byteLength(join(first, 'mcp-XXXXXX', 's', socketName)) <= maxSocketPathBytes ? first : second;
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new RunnerError(
      'permission',
      `The temporary folder ${folder} cannot be removed: ${errorMessage(error)}`,
      'The target left files of another user there; remove the folder as that user or as root.',
    );
  }
}
