import { constants as system } from 'node:os';
import type { StartedTestContainer, WaitStrategy } from 'testcontainers';
import { withDeadline } from '../../base/deadline.ts';
import { describeExit, describeOutput } from '../diagnosis.ts';
import { LogBuffer } from '../log-buffer.ts';
import { type InstanceExit, RunnerError } from '../runner.ts';
import { type Confinement, confinedHost } from './confinement.ts';
import { demultiplex } from './demultiplex.ts';
import { type ApiContainer, type Docker, dockerMessage, dockerMilliseconds, dockerStatus } from './docker.ts';
import { describeMemory } from './limits.ts';
import type { Mount } from './mount.ts';
import { GenericContainer } from './testcontainers.ts';

/** The container to create, in terms of the Docker API. */
export interface ContainerSpec {
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  readonly confinement: Confinement;
  /** `NAME=value`, or `NAME` to remove a variable of the image. */
  readonly environment: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly binds?: readonly string[];
  readonly mounts?: readonly Mount[];
  /** Turns off the remapping of user ids. */
  readonly hostUsers?: boolean;
  /** A TCP port of the container to map to a free port of `address`. An empty address means all addresses. */
  readonly publish?: { readonly port: number; readonly address: string };
}

/** A started container that the kit owns. */
export interface RunningContainer extends AsyncDisposable {
  readonly id: string;
  readonly logs: LogBuffer;
  /** Resolves when the container ends. Stays pending if the container has already been removed. Never rejects. */
  readonly exit: Promise<InstanceExit>;
  /** Returns the exit of the container, or undefined while it is running. */
  readonly ended: () => InstanceExit | undefined;
  readonly api: ApiContainer;
}

/** Accepts a container as soon as Docker has started it. The engine waits for readiness over the socket. */
const noWait: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => noWait,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => dockerMilliseconds,
};

/** A testcontainers container with more options. The kit reads its output from the first byte. */
class FollowedContainer extends GenericContainer {
  readonly logs = new LogBuffer();
  createdId: string | undefined;
  /** Resolves with the exit code if the container ends before its ports are mapped. */
  readonly endedEarly: Promise<number>;
  #settleEndedEarly: (code: number) => void = () => {};
  readonly #publishes: boolean;
  readonly #docker: Docker;

  constructor(docker: Docker, spec: ContainerSpec) {
    super(spec.image);
    this.#docker = docker;
    this.#publishes = spec.publish !== undefined;
    this.endedEarly = new Promise((resolve) => {
      this.#settleEndedEarly = resolve;
    });
    this.withLabels({ ...spec.labels })
      .withNetworkMode(spec.network)
      .withWaitStrategy(noWait)
      // The reaper of testcontainers would need another image. The kit cleans up without it.
      .withAutoCleanup(process.env['TESTCONTAINERS_RYUK_DISABLED'] === 'false');
    Object.assign(this.createOpts, createOptions(spec));
    Object.assign(this.hostConfig, hostConfig(spec));
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.createdId = id;
    const container = this.#docker.client.container.getById(id);
    if (this.#publishes) {
      container.wait({ condition: 'next-exit' }).then(
        (answer: { StatusCode: number }) => this.#settleEndedEarly(answer.StatusCode),
        () => {},
      );
    }
    const output = await container.attach({ stream: true, stdout: true, stderr: true });
    followOutput(output, this.logs);
  }
}

function createOptions({ environment, entrypoint, command, user, publish }: ContainerSpec): object {
  return {
    Env: environment,
    Entrypoint: entrypoint,
    Cmd: command,
    User: user,
    // The engine checks health. Health checks by Docker would disturb the measurements of the engine.
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: publish && { [`${publish.port}/tcp`]: {} },
  };
}

function hostConfig({ binds = [], mounts = [], confinement, hostUsers, publish }: ContainerSpec): object {
  const mounted = [...binds.map((bind) => bind.split(':')[1] ?? ''), ...mounts.map(({ target }) => target)];
  return {
    ...confinedHost(confinement, mounted),
    Binds: binds,
    Mounts: mounts.map(({ type, source, target, readOnly }) => {
      return { Type: type, Source: source, Target: target, ReadOnly: readOnly };
    }),
    // Endless output of a target must not fill the disk of the daemon.
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
    UsernsMode: hostUsers ? 'host' : undefined,
    PortBindings: publish && {
      [`${publish.port}/tcp`]: [{ HostIp: publish.address, HostPort: '0' }],
    },
  };
}

/**
 * Creates and starts a container. If that fails or `signal` is aborted, it leaves nothing behind.
 * @throws RunnerError `not-started` with the reason of the daemon
 */
export async function startContainer(
  docker: Docker,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<RunningContainer> {
  signal.throwIfAborted();
  const container = new FollowedContainer(docker, spec);
  let started: StartedTestContainer;
  try {
    started = await withDeadline(
      Promise.race([container.start(), container.endedEarly.then(throwOnEarlyEnd(container.logs))]),
      dockerMilliseconds,
      'starting the container',
    );
    signal.throwIfAborted();
  } catch (error) {
    if (container.createdId !== undefined) await removeContainer(docker, container.createdId);
    signal.throwIfAborted();
    throw startFailure(spec, error);
  }
  return follow(docker, started.getId(), container.logs);
}

/** Takes ownership of a container that another program started. */
export async function adoptContainer(docker: Docker, name: string): Promise<RunningContainer> {
  const logs = new LogBuffer();
  const api = docker.client.container.getById(name);
  followOutput(await api.logs({ follow: true, stdout: true, stderr: true }), logs);
  return follow(docker, name, logs);
}

function followOutput(output: NodeJS.ReadableStream, logs: LogBuffer): void {
  output.on(
    'data',
    demultiplex((stream, bytes) => logs.write(stream, bytes)),
  );
  output.once('end', () => logs.end());
  output.on('error', () => logs.end());
}

function throwOnEarlyEnd(logs: LogBuffer): (code: number) => never {
  return (code) => {
    throw new Error(`it ${describeExit(containerExit(code))}. ${describeOutput(logs)}`);
  };
}

function follow(docker: Docker, id: string, logs: LogBuffer): RunningContainer {
  const api = docker.client.container.getById(id);
  let ended: InstanceExit | undefined;
  const exit = new Promise<InstanceExit>((resolve) => {
    api.wait().then(
      async ({ StatusCode }: { StatusCode: number }) => {
        const end = containerExit(StatusCode);
        const cause = end.signal === 'SIGKILL' ? await causeOf(api) : undefined;
        ended = cause === undefined ? end : { ...end, cause };
        resolve(ended);
      },
      () => {},
    );
  });
  return {
    id,
    logs,
    exit,
    ended: () => ended,
    api,
    [Symbol.asyncDispose]: () => removeContainer(docker, id),
  };
}

/** Returns why the kernel killed a container, if it did. */
async function causeOf(api: ApiContainer): Promise<string | undefined> {
  // The kit may already have removed the container.
  const inspection = await api.inspect().catch(() => undefined);
  if (inspection?.State.OOMKilled !== true) return undefined;
  const { Memory } = inspection.HostConfig;
  const limit = Memory ? ` of ${describeMemory(Memory)}` : '';
  return `out of memory: it reached its limit${limit}`;
}

/** Converts an exit code of Docker, which reports signal n as 128 + n. */
export function containerExit(code: number): InstanceExit {
  const signal = Object.entries(system.signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined ? { code, signal: null } : { code: null, signal };
}

/** Kills a container and removes it with its anonymous volumes. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  try {
    await withDeadline(
      docker.client.container.getById(id).remove({ force: true, v: true }),
      dockerMilliseconds,
      'removing the container',
    );
  } catch (error) {
    // 404: already removed. 409: removal in progress.
    if (dockerStatus(error) !== 404 && dockerStatus(error) !== 409) throw error;
  }
}

function startFailure(spec: ContainerSpec, error: unknown): RunnerError {
  const message = dockerMessage(error);
  const say = (what: string, advice: string) =>
    new RunnerError('not-started', `The container of ${spec.image} did not start: ${what}.`, advice);
  if (/executable file not found|no such file or directory/i.test(message)) {
    return say(
      runcReason(message),
      'Check the arguments after --. They replace the command of the image, and its entry point receives them.',
    );
  }
  if (/permission denied/i.test(message)) {
    return say(
      runcReason(message),
      'Make the entry point executable for every user, or choose a user with --user.',
    );
  }
  if (/no command specified/i.test(message)) {
    return say(
      'the image has neither an entry point nor a command',
      'Write a command after --, or set one in the image.',
    );
  }
  if (/network .*not found/i.test(message)) {
    return say(`there is no network ${spec.network}`, 'Choose one from `docker network ls`.');
  }
  if (/unable to find (user|group)|no matching entries in passwd/i.test(message)) {
    return say(`the image has no user ${spec.user}`, 'Write --user with numbers: --user 1000:1000.');
  }
  return say(message, 'Start it with `docker run` to see the full error.');
}

/** Extracts the reason from a message of the container runtime. */
function runcReason(message: string): string {
  return /exec: .*$/.exec(message)?.[0].replace(/: unknown$/, '') ?? message;
}
