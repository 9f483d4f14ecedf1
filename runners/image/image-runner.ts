import { randomUUID } from 'node:crypto';
import { readEnvFile } from '../environment/env-file.ts';
import { mergeEnvironment, socketEnvironment, socketVariables } from '../environment/socket-environment.ts';
import { cleanUpOnExit } from '../exit-cleanup.ts';
import { ResourceScope } from '../resource-scope.ts';
import type { Instance, LaunchOptions, Runner, RunnerControl, SocketPlace } from '../runner.ts';
import type { ContainerSpec, MountSpec } from './container.ts';
import { bindOf, ContainerPlaces } from './container-places.ts';
import { crashRemovalCommand } from './crash-removal.ts';
import { connectDocker, type Docker } from './docker.ts';
import { ImageInstance, type ImagePlace } from './image-instance.ts';
import { parseMount } from './mount.ts';
import { type ContainerSocket, containerSocket, type ImageRunnerOptions } from './options.ts';
import { provideImage } from './pull.ts';
import { callingUser, chooseTransport, containerControls } from './transport.ts';

/** Everything that this run makes in Docker carries this label. */
export const runLabel = 'mcp-runtime-conformance.run';

/**
 * A runner for a target in a container image. Reads the options, finds Docker and makes sure that the image is there.
 * @throws RunnerError `bad-option`, `path-too-long`, `docker-unavailable`, `image-missing` or `unsupported`
 */
export async function createImageRunner(options: ImageRunnerOptions): Promise<Runner> {
  // It takes a while to load; a failure shows again where it is awaited.
  import('./container.ts').catch(() => {});
  const socket = containerSocket(options.socketPath);
  const mounts = (options.mounts ?? []).map(parseMount).map(
    (mount): MountSpec => ({
      Type: mount.type,
      Source: mount.source,
      Target: mount.target,
      ReadOnly: mount.readOnly,
    }),
  );
  const files = await Promise.all((options.envFiles ?? []).map((file) => readEnvFile(file)));
  const docker = await connectDocker();
  await provideImage(docker, { image: options.image, policy: options.pull ?? 'missing' });
  const transport = chooseTransport(docker, options.transport ?? 'auto');
  return new ImageRunner(options, { docker, socket, mounts, files, transport });
}

interface Prepared {
  readonly docker: Docker;
  readonly socket: ContainerSocket;
  readonly mounts: readonly MountSpec[];
  readonly files: readonly Readonly<Record<string, string>>[];
  readonly transport: 'bind' | 'relay';
}

class ImageRunner implements Runner {
  readonly label: string;
  readonly kind = 'image';
  readonly sessionsOutliveRun = false;
  readonly controls: ReadonlySet<RunnerControl>;
  readonly #options: ImageRunnerOptions;
  readonly #prepared: Prepared;
  readonly #scope = new ResourceScope();
  readonly #places: ContainerPlaces;
  readonly #registration: Disposable;
  readonly #run = `${process.pid}-${randomUUID()}`;
  readonly #disposed = new AbortController();

  constructor(options: ImageRunnerOptions, prepared: Prepared) {
    this.#options = options;
    this.#prepared = prepared;
    this.label = `image ${options.image}`;
    this.controls = containerControls(prepared.transport);
    const relay = {
      label: [runLabel, this.#run],
      targetImage: options.image,
      pull: options.pull ?? 'missing',
      socket: prepared.socket,
      image: options.relayImage,
    } as const;
    this.#places = new ContainerPlaces(prepared.docker, prepared.transport, relay, this.#scope);
    this.#registration = cleanUpOnExit({
      commands: [crashRemovalCommand(prepared.docker.api, `${runLabel}=${this.#run}`)],
    });
  }

  async launch(options: LaunchOptions): Promise<Instance> {
    const signal = AbortSignal.any([options.signal, this.#disposed.signal]);
    signal.throwIfAborted();
    const place = options.place ?? (await this.#places.make(signal));
    const where = this.#places.whereIs(place);
    try {
      const { startContainer } = await import('./container.ts');
      const container = await startContainer(this.#prepared.docker, this.#spec(where, options), signal);
      return this.#scope.own(
        new ImageInstance({
          docker: this.#prepared.docker,
          container,
          where,
          ownsPlace: options.place === undefined,
          socketPath: this.#prepared.socket.path,
          variables: this.#variables(),
        }),
      );
    } catch (error) {
      if (options.place === undefined) await place[Symbol.asyncDispose]();
      throw error;
    }
  }

  async makePlace(): Promise<SocketPlace> {
    return this.#places.make(this.#disposed.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(new Error('the runner was disposed of'));
    await this.#scope[Symbol.asyncDispose]();
    this.#registration[Symbol.dispose]();
  }

  #variables(): readonly string[] {
    return this.#options.socketVariable === undefined ? socketVariables : [this.#options.socketVariable];
  }

  #spec(where: ImagePlace, launch: LaunchOptions): ContainerSpec {
    const { docker, socket, mounts } = this.#prepared;
    const options = this.#options;
    const user = options.user ?? (where.kind === 'bind' ? callingUser(docker) : undefined);
    return {
      image: options.image,
      labels: { [runLabel]: this.#run },
      network: options.network ?? 'none',
      environment: this.#environment(launch),
      entrypoint: options.entrypoint,
      ...(options.args === undefined || options.args.length === 0 ? {} : { command: options.args }),
      user,
      hostUsers: docker.remapsUsers && where.kind === 'bind',
      binds: [bindOf(where, socket.folder, docker)],
      mounts,
    };
  }

  /** `NAME=value`, and `NAME` alone for a variable of the image that is to be removed. */
  #environment(launch: LaunchOptions): readonly string[] {
    const layers = [
      ...this.#prepared.files,
      this.#options.environment,
      socketEnvironment(this.#prepared.socket.path, this.#options.socketVariable),
      launch.environment,
    ];
    const merged = mergeEnvironment(...layers);
    const removed = layers
      .flatMap((layer) => Object.keys(layer ?? {}))
      .filter((name) => !Object.hasOwn(merged, name));
    return [...Object.entries(merged).map(([name, value]) => `${name}=${value}`), ...new Set(removed)];
  }
}
