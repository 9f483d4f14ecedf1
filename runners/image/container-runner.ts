import { randomUUID } from 'node:crypto';
import { socketEnvironment, variablesOf } from '../environment/socket-environment.ts';
import { cleanUpOnExit } from '../exit-cleanup.ts';
import { ResourceScope } from '../resource-scope.ts';
import {
  type Instance,
  type LaunchOptions,
  type Runner,
  type RunnerControl,
  RunnerError,
  type SocketPlace,
} from '../runner.ts';
import { makeFolderPlace } from '../socket-place.ts';
import type { RunningContainer } from './container.ts';
import { callingUser } from './container-user.ts';
import { crashRemovalCommand } from './crash-removal.ts';
import type { Docker } from './docker.ts';
import { ImageInstance, type ImagePlace } from './image-instance.ts';
import type { ContainerSocket, ImageRunnerOptions } from './options.ts';
import { type RelayOptions, RelayPlaces } from './relay.ts';

/** The label of all containers, volumes and networks of a run. */
export const runLabel = 'mcp-runtime-conformance.run';

/** Facts that a container runner determines before the first launch. */
export interface ContainerFacts {
  readonly docker: Docker;
  readonly socket: ContainerSocket;
  readonly socketAccess: 'bind' | 'relay';
}

/** Options that all container runners share. */
type ContainerOptions = Pick<
  ImageRunnerOptions,
  'environment' | 'socketVariable' | 'transport' | 'user' | 'relayImage'
>;

/** Options for the start of one container. */
export interface ContainerLaunch {
  readonly where: ImagePlace;
  /** Variables that override those of the image. null removes a variable. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly user: string | undefined;
  /** Whether the caller chose neither the socket folder nor variables. */
  readonly isPlain: boolean;
  /** Turns off the remapping of user ids for the container. */
  readonly hostUsers: boolean;
  readonly signal: AbortSignal;
}

/** Runs targets in containers. Subclasses start the containers. */
export abstract class ContainerRunner implements Runner {
  abstract readonly label: string;
  abstract readonly kind: string;
  readonly sessionsOutliveRun = false;
  readonly controls: ReadonlySet<RunnerControl>;
  /** The unique name of this run in Docker. */
  protected readonly run = `${process.pid}-${randomUUID()}`;
  /** The labels of all Docker resources of this runner. */
  protected readonly labels: Readonly<Record<string, string>>;
  readonly #options: ContainerOptions;
  readonly #facts: ContainerFacts;
  readonly #scope = new ResourceScope();
  readonly #relays: RelayPlaces;
  readonly #places = new WeakMap<SocketPlace, ImagePlace>();
  readonly #registration: Disposable;
  readonly #disposed = new AbortController();

  constructor(
    options: ContainerOptions,
    facts: ContainerFacts,
    relay: Pick<RelayOptions, 'targetImage' | 'targetUser' | 'pull'>,
  ) {
    const { docker, socket, socketAccess } = facts;
    this.#options = options;
    this.#facts = facts;
    this.labels = { [runLabel]: this.run };
    const controls = ['launch', 'signal', 'environment'] as const;
    this.controls = new Set(socketAccess === 'bind' ? [...controls, 'socketFile'] : controls);
    const { relayImage: image } = options;
    this.#relays = new RelayPlaces(docker, { ...relay, labels: this.labels, socket, image });
    this.#registration = cleanUpOnExit({
      commands: [crashRemovalCommand(docker.api, `${runLabel}=${this.run}`)],
    });
  }

  /** Starts a container, and leaves nothing behind if that fails. @throws RunnerError */
  protected abstract start(launch: ContainerLaunch): Promise<RunningContainer>;

  async launch(options: LaunchOptions): Promise<Instance> {
    const { docker, socket } = this.#facts;
    const { transport, user } = this.#options;
    const signal = AbortSignal.any([options.signal, this.#disposed.signal]);
    signal.throwIfAborted();
    const place = options.place ?? (await this.#makePlace(signal));
    const where = this.#places.get(place);
    if (where === undefined) {
      throw new RunnerError(
        'unsupported',
        'Another runner made this place.',
        'Call makePlace on this runner.',
      );
    }
    try {
      const container = await this.start({
        where,
        environment: {
          ...this.#options.environment,
          ...socketEnvironment(socket.path, this.#options),
          ...options.environment,
        },
        user: user ?? (where.kind === 'bind' ? callingUser(docker) : undefined),
        isPlain: options.place === undefined && options.environment === undefined,
        hostUsers: docker.remapsUsers && where.kind === 'bind',
        signal,
      });
      return this.#scope.own(
        new ImageInstance({
          docker,
          container,
          where,
          ownsPlace: options.place === undefined,
          socketPath: socket.path,
          variables: variablesOf(this.#options),
          transport,
        }),
      );
    } catch (error) {
      if (options.place === undefined) await place[Symbol.asyncDispose]();
      throw error;
    }
  }

  makePlace(): Promise<SocketPlace> {
    return this.#makePlace(this.#disposed.signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(new Error('the runner has been disposed'));
    await this.#scope[Symbol.asyncDispose]();
    await this.removeRest();
    this.#registration[Symbol.dispose]();
  }

  /** Removes remaining resources after every target has ended. */
  protected async removeRest(): Promise<void> {}

  /** Makes a folder to bind-mount, or a volume behind a relay. */
  async #makePlace(signal: AbortSignal): Promise<SocketPlace> {
    const { socket, socketAccess } = this.#facts;
    const folder = { socketName: socket.name, everyUser: true, targetPath: socket.path };
    const where: ImagePlace =
      socketAccess === 'relay'
        ? { kind: socketAccess, place: await this.#relays.make(signal) }
        : { kind: socketAccess, place: await makeFolderPlace(folder) };
    this.#places.set(where.place, where);
    return this.#scope.own(where.place);
  }
}

/** Returns the mount of a place in the syntax of `docker run --volume`. */
export function bindOf(where: ImagePlace, folder: string, { selinux }: Pick<Docker, 'selinux'>): string {
  return where.kind === 'bind'
    ? `${where.place.folder}:${folder}${selinux ? ':z' : ''}`
    : // Without nocopy, Docker would copy the folder of the image, with its permissions, over the relay's.
      `${where.place.volume}:${folder}:nocopy`;
}
