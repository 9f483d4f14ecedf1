import { constants, existsSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ContainerRuntimeClient } from 'testcontainers';
import { withDeadline } from '../../base/deadline.ts';
import { errorMessage } from '../../base/error-message.ts';
import { mayAccess } from '../diagnosis.ts';
import { RunnerError } from '../runner.ts';
import { type DockerEndpoint, dockerEndpoint, useEndpoint } from './docker-endpoint.ts';

/** The Docker API, for operations that testcontainers does not offer. */
export type DockerApi = ContainerRuntimeClient['container']['dockerode'];
export type ApiContainer = ReturnType<DockerApi['getContainer']>;

export interface Docker {
  readonly client: ContainerRuntimeClient;
  readonly api: DockerApi;
  /** Whether the daemon sees the files of this machine at the same paths, so that folders can be bind-mounted. */
  readonly sharesFiles: boolean;
  /** Whether the daemon is rootless. This user then has id 0 in a container. */
  readonly rootless: boolean;
  /** Whether the daemon remaps user ids of containers by default. */
  readonly remapsUsers: boolean;
  /** Whether folders need an SELinux label before a container may use them. */
  readonly selinux: boolean;
  /** The machine of the daemon. */
  readonly machine: {
    readonly memoryBytes: number;
    readonly processors: number;
    /** Whether the daemon can limit each resource, by the name of the option. */
    readonly supports: Readonly<Record<'memory' | 'pids-limit' | 'cpus', boolean>>;
  };
  /** The host name for mapped ports. */
  readonly portHost: string;
}

/** Time limit of a call to the daemon. Pulling an image has a longer one. */
export const dockerMilliseconds = 30_000;

/** The daemon that this process uses, from its first connection on. */
let chosen: DockerEndpoint | undefined;

/**
 * Connects to the daemon that `docker` would use, and queries its configuration.
 * @throws RunnerError `docker-unavailable`
 */
export async function connectDocker(): Promise<Docker> {
  chosen ??= dockerEndpoint();
  useEndpoint(chosen);
  try {
    return await withDeadline(connect(), 15_000, 'connecting to Docker');
  } catch (error) {
    throw classifyUnavailable(error, chosen);
  }
}

/** The configuration of a daemon, as far as the kit uses it. */
interface DaemonInfo {
  readonly Name?: string;
  readonly OperatingSystem?: string;
  readonly SecurityOptions?: readonly string[];
  readonly MemTotal?: number;
  readonly NCPU?: number;
  readonly MemoryLimit?: boolean;
  readonly PidsLimit?: boolean;
  readonly CpuCfsQuota?: boolean;
}

async function connect(): Promise<Docker> {
  const { getContainerRuntimeClient } = await import('./testcontainers.ts');
  const client = await getContainerRuntimeClient();
  const api = client.container.dockerode;
  rejectOtherDaemon(api);
  const info: DaemonInfo = await api.info();
  const security = (info.SecurityOptions ?? []).join(' ');
  const sharesFiles = seesSameFiles(api, info);
  return {
    client,
    api,
    sharesFiles,
    rootless: security.includes('name=rootless'),
    remapsUsers: security.includes('name=userns'),
    selinux: security.includes('name=selinux'),
    machine: {
      memoryBytes: info.MemTotal ?? 0,
      processors: info.NCPU ?? 1,
      supports: {
        memory: info.MemoryLimit === true,
        'pids-limit': info.PidsLimit === true,
        cpus: info.CpuCfsQuota === true,
      },
    },
    portHost: sharesFiles ? '127.0.0.1' : client.info.containerRuntime.host,
  };
}

/** If DOCKER_HOST does not answer, testcontainers silently uses another daemon, which the user did not choose. */
function rejectOtherDaemon(api: DockerApi): void {
  const host = process.env['DOCKER_HOST'] ?? '';
  const { socketPath } = api.modem as { socketPath?: unknown };
  const asked = host.startsWith('unix://') ? host.slice('unix://'.length) : undefined;
  if (host !== '' && typeof socketPath === 'string' && socketPath !== asked) {
    throw new Error('no daemon answers there');
  }
}

function seesSameFiles(api: DockerApi, info: DaemonInfo): boolean {
  const { socketPath } = api.modem as { socketPath?: unknown };
  if (process.platform !== 'linux' || typeof socketPath !== 'string') return false;
  if (info.OperatingSystem?.includes('Docker Desktop') === true) return false;
  // If the kit runs in a container, the daemon sees the kit's files only if both have the same host name.
  const inContainer = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return !inContainer || info.Name === hostname();
}

/** Explains why Docker is unreachable: a wrong address, missing permission, or no running daemon. */
export function classifyUnavailable(error: unknown, endpoint: DockerEndpoint): RunnerError {
  const unavailable = (message: string, advice: string) =>
    new RunnerError('docker-unavailable', message, advice);
  if (endpoint.from === 'context') {
    const { name, host } = endpoint;
    return unavailable(
      `Docker cannot be reached at ${host}, the address of the Docker context ${name}: ${dockerMessage(error)}.`,
      'Start it, or choose another daemon with DOCKER_CONTEXT or DOCKER_HOST. Then check that `docker info` works.',
    );
  }
  if (endpoint.from === 'DOCKER_HOST') {
    return unavailable(
      `Docker cannot be reached at DOCKER_HOST=${endpoint.host}: ${dockerMessage(error)}.`,
      'Start it, or unset DOCKER_HOST to use the local daemon. Then check that `docker info` works.',
    );
  }
  const socket = '/var/run/docker.sock';
  if (existsSync(socket) && !mayAccess(socket, constants.R_OK | constants.W_OK)) {
    return unavailable(
      `This user may not use Docker: no permission to access ${socket}.`,
      'Add the user to the group docker and log in again, or use --command instead.',
    );
  }
  return unavailable(
    existsSync(socket)
      ? `Docker does not answer at ${socket}: ${dockerMessage(error)}.`
      : 'Docker cannot be reached: this user sees no running daemon.',
    'Start Docker and check that `docker info` works, set DOCKER_HOST to its socket, or use --command instead.',
  );
}

/** Returns the daemon's error message on one line, without the text that the client adds. */
export function dockerMessage(error: unknown): string {
  const json = (error as { json?: { message?: unknown } } | undefined)?.json;
  const message = typeof json?.message === 'string' ? json.message : errorMessage(error);
  return message
    .replace(/^\(HTTP code \d+\) [^-]*- /, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.:]+$/, '');
}

/** Returns the HTTP status of a Docker daemon error, or undefined for any other error. */
export function dockerStatus(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
