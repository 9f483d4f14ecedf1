import { posix } from 'node:path';
import type { EnvironmentChanges } from '../environment/socket-environment.ts';
import { badOption, RunnerError, type Transport } from '../runner.ts';
import { maxSocketPathBytes } from '../socket-place.ts';
import type { Docker } from './docker.ts';
import type { LimitOptions } from './limits.ts';
import type { RootMode } from './root-file-system.ts';

export interface ImageRunnerOptions extends LimitOptions {
  /** The name of the image, as for `docker run`. */
  readonly image: string;
  /** Arguments that replace the command of the image. */
  readonly args?: readonly string[];
  /** Replaces the entry point of the image. */
  readonly entrypoint?: readonly string[];
  /** Variables that override those of `envFiles` and of the image. null removes a variable of the image. */
  readonly environment?: EnvironmentChanges;
  /** Files of variables that override those of the image. Later files win. */
  readonly envFiles?: readonly string[];
  /** Values of `--mount`, as `parseMount` reads them. */
  readonly mounts?: readonly string[];
  /**
   * `uid`, `uid:gid` or a user name of the image. Default with a bind mount: the calling user. If that is root, or
   * behind a relay: the user of the image, or an unprivileged one if the image runs as root.
   */
  readonly user?: string;
  /** When to pull the image. Default `missing`: if this machine does not have it. */
  readonly pull?: 'never' | 'missing' | 'always';
  /** A Docker network. Default `none`. */
  readonly network?: string;
  /** The variable for the socket path. It replaces the variables of the contract. */
  readonly socketVariable?: string;
  /** The socket path in the container. Default `/run/mcp/runtime.sock`. */
  readonly socketPath?: string;
  /** The protocol that the target must serve. Default: gRPC. */
  readonly transport?: Transport;
  /** How this process reaches the socket in the container. Default `auto`. */
  readonly socketAccess?: 'auto' | 'bind' | 'relay';
  /** Whether the root file system of the container is read-only. Default `auto`. */
  readonly rootMode?: RootMode;
  /** Capabilities of the Linux kernel that the container keeps. Default: none. */
  readonly capAdd?: readonly string[];
  /** An image with `node` or `socat`, for the access `relay`. */
  readonly relayImage?: string;
}

export const defaultSocketPath = '/run/mcp/runtime.sock';

/** The socket path in the container, and its parts. */
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
      `--socket-path ${path} is not an absolute path of a file in a folder.`,
      `The kit mounts a folder over the socket's folder, so choose a dedicated one, as in ${defaultSocketPath}.`,
    );
  }
  // The container runs Linux on every host.
  if (Buffer.byteLength(normal) > 107) {
    throw new RunnerError(
      'path-too-long',
      `--socket-path ${path} has ${Buffer.byteLength(normal)} bytes; Linux allows 107.`,
      `Choose a shorter path, such as ${defaultSocketPath}.`,
    );
  }
  const name = posix.basename(normal);
  if (Buffer.byteLength(name) > maxSocketPathBytes - 32) {
    throw new RunnerError(
      'path-too-long',
      `The file name in --socket-path ${path} is too long for a path in a temporary folder of this machine.`,
      'Choose a shorter name, such as runtime.sock.',
    );
  }
  return { path: normal, folder, name };
}

/**
 * Decides how this process reaches the socket in the container.
 * @throws RunnerError `unsupported` if a bind mount is requested but cannot work
 */
export function chooseSocketAccess(
  docker: Pick<Docker, 'sharesFiles'>,
  wanted: 'auto' | 'bind' | 'relay',
): 'bind' | 'relay' {
  if (wanted === 'bind' && process.platform !== 'linux') {
    throw new RunnerError(
      'unsupported',
      'A socket cannot be bind-mounted here: Docker runs in a virtual machine.',
      'Use --socket-access relay, or omit --socket-access.',
    );
  }
  return wanted === 'auto' ? (docker.sharesFiles ? 'bind' : 'relay') : wanted;
}
