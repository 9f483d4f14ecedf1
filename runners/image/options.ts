import { posix } from 'node:path';
import { userName } from '../diagnosis.ts';
import type { EnvironmentChanges } from '../environment/socket-environment.ts';
import { badOption, RunnerError } from '../runner.ts';
import { maxSocketPathBytes } from '../socket-place.ts';
import type { Docker } from './docker.ts';

export interface ImageRunnerOptions {
  /** The image, as `docker run` takes it. */
  readonly image: string;
  /** Arguments in place of the image's own command. */
  readonly args?: readonly string[];
  /** Replaces the image's entry point. */
  readonly entrypoint?: readonly string[];
  /** Variables: over those of `envFiles`, which are over the image's. null removes one of the image's. */
  readonly environment?: EnvironmentChanges;
  /** Files of variables, the later ones over the earlier. */
  readonly envFiles?: readonly string[];
  /** Values of `--mount`; see parseMount. */
  readonly mounts?: readonly string[];
  /** `uid`, `uid:gid` or a name that the image knows. Default: the calling user, where the folder is bind-mounted. */
  readonly user?: string;
  /** Default `missing`: pulled where this machine does not have it. */
  readonly pull?: 'never' | 'missing' | 'always';
  /** A network of Docker's. Default `none`. */
  readonly network?: string;
  /** The one variable that carries the socket's path, in place of the contract's two. */
  readonly socketVariable?: string;
  /** The socket's path in the container. Default `/run/mcp/runtime.sock`. */
  readonly socketPath?: string;
  /** How the socket crosses into this process. Default `auto`. */
  readonly transport?: 'auto' | 'bind' | 'relay';
  /** An image with `node` or `socat` in it, for `relay`. */
  readonly relayImage?: string;
}

export const defaultSocketPath = '/run/mcp/runtime.sock';

/** The folder and the file name of the socket in the container. */
export interface ContainerSocket {
  readonly path: string;
  readonly folder: string;
  readonly name: string;
}

/** @throws RunnerError `bad-option` or `path-too-long` */
export function containerSocket(path: string = defaultSocketPath): ContainerSocket {
  const normal = posix.normalize(path);
  const folder = posix.dirname(normal);
  if (!posix.isAbsolute(path) || path.endsWith('/') || folder === '/') {
    throw badOption(
      `--socket-path ${path} is no absolute path of a file in a folder.`,
      `A folder is mounted over the one that it names; give it one of its own, as in ${defaultSocketPath}.`,
    );
  }
  // The container is a Linux one, whatever this machine is.
  if (Buffer.byteLength(normal) > 107) {
    throw new RunnerError(
      'path-too-long',
      `--socket-path ${path} has ${Buffer.byteLength(normal)} bytes; Linux allows 107.`,
      `Choose a shorter one, such as ${defaultSocketPath}.`,
    );
  }
  const name = posix.basename(normal);
  if (Buffer.byteLength(name) > maxSocketPathBytes - 32) {
    throw new RunnerError(
      'path-too-long',
      `The file name in --socket-path ${path} is too long: it has to fit into a temporary folder here.`,
      'Choose a shorter one, such as runtime.sock.',
    );
  }
  return { path: normal, folder, name };
}

/**
 * Decides how the socket crosses from the container into this process.
 * @throws RunnerError `unsupported` where a bind mount is asked for that cannot work
 */
export function chooseTransport(
  docker: Pick<Docker, 'sharesFiles'>,
  wanted: 'auto' | 'bind' | 'relay',
): 'bind' | 'relay' {
  if (wanted === 'bind' && process.platform !== 'linux') {
    throw new RunnerError(
      'unsupported',
      'A socket cannot be bind-mounted here: Docker runs in a virtual machine of its own.',
      'Use --transport relay, or leave --transport out.',
    );
  }
  return wanted === 'auto' ? (docker.sharesFiles ? 'bind' : 'relay') : wanted;
}

/** The user as which a container makes files that belong to the caller. Undefined: the image's own. */
export function callingUser(docker: Pick<Docker, 'rootless'>): string | undefined {
  if (process.getuid === undefined) return undefined;
  return docker.rootless ? '0:0' : userName();
}
