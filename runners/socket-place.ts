import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage } from '../base/error-message.ts';
import { cleanUpOnExit } from './exit-cleanup.ts';
import { RunnerError, type SocketPlace } from './runner.ts';

/** The maximum length of a socket path in bytes: the size of `sun_path` without the terminating null byte. */
export const maxSocketPathBytes = process.platform === 'linux' ? 107 : 103;

export interface FolderPlaceOptions {
  /** The file name of the socket. Default `runtime.sock`. */
  readonly socketName?: string;
  /** Lets a container of any user create the socket. Other users of this machine still cannot reach the folder. */
  readonly everyUser?: boolean;
  /** The socket path in the container of the target. Undefined if it is the path on this machine. */
  readonly targetPath?: string;
  /** The parent folder. Default: the system's temporary folder, or /tmp if the path would be too long. */
  readonly parent?: string;
}

/** A new folder on this machine for a socket. */
export interface FolderPlace extends SocketPlace {
  readonly hostPath: string;
  /** The folder for the socket. It is empty at first. */
  readonly folder: string;
}

/** Checks the length of a socket path. @throws RunnerError `path-too-long` */
export function checkSocketPathLength(path: string, advice: string): void {
  const length = Buffer.byteLength(path);
  if (length > maxSocketPathBytes) {
    throw new RunnerError(
      'path-too-long',
      `The socket path ${path} has ${length} bytes, but the system allows ${maxSocketPathBytes}.`,
      advice,
    );
  }
}

/**
 * Makes a folder for a socket inside another new folder of mode 0700. The inner folder can then be open to the user of
 * a container, but not to other users of this machine.
 * @throws RunnerError `path-too-long`, or `permission` if the folder cannot be created
 */
export async function makeFolderPlace(options: FolderPlaceOptions = {}): Promise<FolderPlace> {
  const socketName = options.socketName ?? 'runtime.sock';
  const parent = options.parent ?? shortParent([tmpdir(), '/tmp'], socketName);
  checkSocketPathLength(
    join(parent, 'mcp-XXXXXX', 's', socketName),
    'Set TMPDIR to a folder with a shorter path.',
  );
  const outer = await mkdtemp(join(parent, 'mcp-')).catch((error: Error) => {
    throw new RunnerError(
      'permission',
      `Cannot create a temporary folder in ${parent}: ${error.message}`,
      'Set TMPDIR to a folder that this user can write to.',
    );
  });
  const registration = cleanUpOnExit({
    undo: () => rmSync(outer, { recursive: true, force: true }),
    commands: [['rm', '-rf', '--', outer]],
  });
  const folder = join(outer, 's');
  await mkdir(folder, { mode: 0o700 });
  if (options.everyUser === true) {
    // The umask restricts the mode of mkdir, but not that of chmod.
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

function shortParent(parents: readonly [string, string], socketName: string): string {
  const [first, second] = parents;
  return Buffer.byteLength(join(first, 'mcp-XXXXXX', 's', socketName)) <= maxSocketPathBytes ? first : second;
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw new RunnerError(
      'permission',
      `Cannot remove the temporary folder ${folder}: ${errorMessage(error)}`,
      'The target left files of another user there. Remove the folder as that user or as root.',
    );
  }
}
