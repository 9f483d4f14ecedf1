import { constants as system } from 'node:os';
import type { StartedTestContainer, WaitStrategy } from 'testcontainers';
import { withDeadline } from '../../base/deadline.ts';
import { describeExit, lastWords } from '../diagnosis.ts';
import { LogBuffer } from '../log-buffer.ts';
import { type InstanceExit, RunnerError } from '../runner.ts';
import { demultiplex } from './demultiplex.ts';
import { type ApiContainer, type Docker, dockerMessage, dockerMilliseconds, dockerStatus } from './docker.ts';
import type { Mount } from './mount.ts';
import { GenericContainer } from './testcontainers.ts';

/** What the daemon is asked to create, in its own terms. */
export interface ContainerSpec {
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string;
  /** `NAME=value`; `NAME` alone takes the image's variable away. */
  readonly environment: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly binds?: readonly string[];
  readonly mounts?: readonly Mount[];
  /** Gives the container the user ids of this machine where the daemon would map them. */
  readonly hostUsers?: boolean;
  /** A TCP port of the container to be mapped to some port of `address` (empty: of every address). */
  readonly publish?: { readonly port: number; readonly address: string };
}

/** A container that was started and is ours. */
export interface RunningContainer extends AsyncDisposable {
  readonly id: string;
  readonly logs: LogBuffer;
  /** Settles when the container has ended; never where it was removed before. Never rejects. */
  readonly exit: Promise<InstanceExit>;
  /** How it ended, or undefined while it runs. */
  readonly ended: () => InstanceExit | undefined;
  readonly api: ApiContainer;
}

/** The engine waits for readiness over the socket; a container counts as started when Docker says so. */
const startedIsEnough: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => startedIsEnough,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => dockerMilliseconds,
};

/** A container of testcontainers with what its options do not offer, and its output followed from the first byte. */
class FollowedContainer extends GenericContainer {
  readonly logs = new LogBuffer();
  createdId: string | undefined;
  /** Settles with the exit code of a container that ends while its ports are still waited for. */
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
      .withWaitStrategy(startedIsEnough)
      // Its reaper is one more image to pull; our own clean-up covers what it does.
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
    // The engine asks for health itself, and a probe in the background would disturb what it measures.
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: publish && { [`${publish.port}/tcp`]: {} },
  };
}

function hostConfig({ binds, mounts = [], hostUsers, publish }: ContainerSpec): object {
  return {
    Binds: binds,
    Mounts: mounts.map(({ type, source, target, readOnly }) => {
      return { Type: type, Source: source, Target: target, ReadOnly: readOnly };
    }),
    // What a target logs without end must not fill the daemon's disk.
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
    UsernsMode: hostUsers ? 'host' : undefined,
    PortBindings: publish && {
      [`${publish.port}/tcp`]: [{ HostIp: publish.address, HostPort: '0' }],
    },
  };
}

/**
 * Creates and starts a container. Where that fails, or `signal` is aborted meanwhile, nothing stays behind.
 * @throws RunnerError `not-started` with the daemon's own reason
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
      Promise.race([container.start(), container.endedEarly.then(endedTooEarly(container.logs))]),
      dockerMilliseconds,
      'the start of the container',
    );
    signal.throwIfAborted();
  } catch (error) {
    if (container.createdId !== undefined) await removeContainer(docker, container.createdId);
    signal.throwIfAborted();
    throw startFailure(spec, error);
  }
  return follow(docker, started.getId(), container.logs);
}

/** Follows a container that something else has started and that is ours from now on. */
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

function endedTooEarly(logs: LogBuffer): (code: number) => never {
  return (code) => {
    throw new Error(`it ${describeExit(containerExit(code))}. ${lastWords(logs)}`);
  };
}

function follow(docker: Docker, id: string, logs: LogBuffer): RunningContainer {
  const api = docker.client.container.getById(id);
  let ended: InstanceExit | undefined;
  const exit = new Promise<InstanceExit>((resolve) => {
    api.wait().then(
      (answer: { StatusCode: number }) => {
        ended = containerExit(answer.StatusCode);
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

/** Docker reports a death by signal n as the exit code 128 + n, as shells do. */
export function containerExit(code: number): InstanceExit {
  const signal = Object.entries(system.signals).find(([, number]) => number === code - 128)?.[0];
  return signal === undefined ? { code, signal: null } : { code: null, signal };
}

/** Ends a container, whatever it does, and removes it with the volumes that were made for it alone. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  try {
    await withDeadline(
      docker.client.container.getById(id).remove({ force: true, v: true }),
      dockerMilliseconds,
      'the removal of the container',
    );
  } catch (error) {
    // 404: gone already; 409: its removal is under way.
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
      'Arguments after -- replace the command of the image: the first is a program only where it has no entry point.',
    );
  }
  if (/permission denied/i.test(message)) {
    return say(
      runcReason(message),
      'Make the entry point executable for every user, or name one with --user.',
    );
  }
  if (/no command specified/i.test(message)) {
    return say(
      'the image has neither an entry point nor a command',
      'Give one after --, or set it in the image.',
    );
  }
  if (/network .*not found/i.test(message)) {
    return say(`there is no network ${spec.network}`, 'See `docker network ls`.');
  }
  if (/unable to find (user|group)|no matching entries in passwd/i.test(message)) {
    return say(`the image knows no user ${spec.user}`, 'Give --user as numbers: --user 1000:1000.');
  }
  return say(message, 'Start it with `docker run` to see more.');
}

/** The part of the runtime's long message that says what is wrong. */
function runcReason(message: string): string {
  return /exec: .*$/.exec(message)?.[0].replace(/: unknown$/, '') ?? message;
}
