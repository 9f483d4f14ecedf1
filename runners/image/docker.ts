import { constants, existsSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ContainerRuntimeClient } from 'testcontainers';
import { withDeadline } from '../../base/deadline.ts';
import { errorMessage } from '../../base/error-message.ts';
import { mayAccess } from '../diagnosis.ts';
import { RunnerError } from '../runner.ts';

/** Docker's API, for what testcontainers does not offer. */
export type DockerApi = ContainerRuntimeClient['container']['dockerode'];
export type ApiContainer = ReturnType<DockerApi['getContainer']>;

export interface Docker {
  readonly client: ContainerRuntimeClient;
  readonly api: DockerApi;
  /** The daemon sees this machine's files at the same paths: folders can be bind-mounted. */
  readonly sharesFiles: boolean;
  /** Rootless: this user's id is 0 in a container. */
  readonly rootless: boolean;
  /** The daemon gives containers other user ids, unless they ask for the host's. */
  readonly remapsUsers: boolean;
  /** Folders need a label before a container may use them. */
  readonly selinux: boolean;
  /** Where the mapped ports of containers are reached. */
  readonly portHost: string;
}

/** No call to the daemon, apart from pulling, takes this long on a machine that works. */
export const dockerMilliseconds = 30_000;

/**
 * Finds and asks the Docker daemon.
 * @throws RunnerError `docker-unavailable`
 */
export async function connectDocker(): Promise<Docker> {
  try {
    return await withDeadline(connect(), 15_000, 'an answer of Docker');
  } catch (error) {
    throw classifyUnavailable(error);
  }
}

async function connect(): Promise<Docker> {
  const { getContainerRuntimeClient } = await import('./testcontainers.ts');
  const client = await getContainerRuntimeClient();
  const api = client.container.dockerode;
  refuseAnotherDaemon(api);
  const info = (await api.info()) as { Name?: string; OperatingSystem?: string; SecurityOptions?: string[] };
  const security = (info.SecurityOptions ?? []).join(' ');
  const sharesFiles = seesSameFiles(api, info);
  return {
    client,
    api,
    sharesFiles,
    rootless: security.includes('name=rootless'),
    remapsUsers: security.includes('name=userns'),
    selinux: security.includes('name=selinux'),
    portHost: sharesFiles ? '127.0.0.1' : client.info.containerRuntime.host,
  };
}

/** Where DOCKER_HOST does not answer, testcontainers takes whatever other daemon it finds; the user did not ask for that. */
function refuseAnotherDaemon(api: DockerApi): void {
  const host = process.env['DOCKER_HOST'] ?? '';
  const { socketPath } = api.modem as { socketPath?: unknown };
  const asked = host.startsWith('unix://') ? host.slice('unix://'.length) : undefined;
  if (host !== '' && typeof socketPath === 'string' && socketPath !== asked) {
    throw new Error('nothing answers there');
  }
}

function seesSameFiles(api: DockerApi, info: { Name?: string; OperatingSystem?: string }): boolean {
  const { socketPath } = api.modem as { socketPath?: unknown };
  if (process.platform !== 'linux' || typeof socketPath !== 'string') return false;
  if (info.OperatingSystem?.includes('Docker Desktop') === true) return false;
  // In a container, the daemon behind the socket is this container's own only when both have the same name.
  const inContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return !inContainer || info.Name === hostname();
}

/** Why Docker cannot be reached: the address is wrong, this user may not, or no daemon runs. */
export function classifyUnavailable(error: unknown): RunnerError {
  const unavailable = (message: string, advice: string) =>
    new RunnerError('docker-unavailable', message, advice);
  const host = process.env['DOCKER_HOST'];
  if (host !== undefined && host !== '') {
    return unavailable(
      `Docker cannot be reached at DOCKER_HOST=${host}: ${dockerMessage(error)}.`,
      'Start it, or unset DOCKER_HOST to use the daemon of this machine. `docker info` has to work.',
    );
  }
  const socket = '/var/run/docker.sock';
  if (existsSync(socket) && !mayAccess(socket, constants.R_OK | constants.W_OK)) {
    return unavailable(
      `This user may not use Docker: ${socket} is closed to it.`,
      'Add the user to the group docker and log in again, or use --command instead.',
    );
  }
  return unavailable(
    existsSync(socket)
      ? `Docker does not answer at ${socket}: ${dockerMessage(error)}.`
      : 'Docker cannot be reached: no daemon is running that this user can see.',
    'Start Docker (`docker info` has to work), or set DOCKER_HOST to its socket, or use --command instead.',
  );
}

/** What the daemon says about a failure, on one line, without the client's own words around it. */
export function dockerMessage(error: unknown): string {
  const json = (error as { json?: { message?: unknown } } | undefined)?.json;
  const message = typeof json?.message === 'string' ? json.message : errorMessage(error);
  return message
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.:]+$/, '');
}

/** The HTTP status of the daemon's refusal, or undefined where it is none. */
export function dockerStatus(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
