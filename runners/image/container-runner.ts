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
import { crashRemovalCommand } from './crash-removal.ts';
import type { Docker } from './docker.ts';
import { ImageInstance, type ImagePlace } from './image-instance.ts';
import { type ContainerSocket, callingUser, type ImageRunnerOptions } from './options.ts';
import { type RelayOptions, RelayPlaces } from './relay.ts';

/** Everything that a run makes in Docker carries this label. */
export const runLabel = 'mcp-runtime-conformance.run';

/** What a runner of containers has found out before the first launch. */
export interface ContainerFacts {
  readonly docker: Docker;
  readonly socket: ContainerSocket;
  readonly transport: 'bind' | 'relay';
}

/** What a runner of containers was asked for, however it starts them. */
type ContainerOptions = Pick<ImageRunnerOptions, 'environment' | 'socketVariable' | 'user' | 'relayImage'>;

/** A container that is to be started. */
export interface ContainerLaunch {
  readonly where: ImagePlace;
  /** Variables over those of the image; null removes one. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly user: string | undefined;
  /** Gives the container the user ids of this machine. */
  readonly hostUsers: boolean;
  readonly signal: AbortSignal;
}

/** Runs targets in containers; how one is started is up to the class that extends it. */
export abstract class ContainerRunner implements Runner {
  abstract readonly label: string;
  abstract readonly kind: string;
  readonly sessionsOutliveRun = false;
  readonly controls: ReadonlySet<RunnerControl>;
  /** A name that nothing else in Docker has. */
  protected readonly run = `${process.pid}-${randomUUID()}`;
  /** Of everything that this runner makes. */
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
    relay: Pick<RelayOptions, 'targetImage' | 'pull'>,
  ) {
    const { docker, socket, transport } = facts;
    this.#options = options;
    this.#facts = facts;
    this.labels = { [runLabel]: this.run };
    const controls = ['launch', 'signal', 'environment'] as const;
    this.controls = new Set(transport === 'bind' ? [...controls, 'socketFile'] : controls);
    const { relayImage: image } = options;
    this.#relays = new RelayPlaces(docker, { ...relay, labels: this.labels, socket, image });
    this.#registration = cleanUpOnExit({
      commands: [crashRemovalCommand(docker.api, `${runLabel}=${this.run}`)],
    });
  }

  /** Starts a container. Where that fails, nothing stays behind. @throws RunnerError */
  protected abstract start(launch: ContainerLaunch): Promise<RunningContainer>;

  async launch(options: LaunchOptions): Promise<Instance> {
    const { docker, socket } = this.#facts;
    const { socketVariable, user } = this.#options;
    const signal = AbortSignal.any([options.signal, this.#disposed.signal]);
    signal.throwIfAborted();
    const place = options.place ?? (await this.#makePlace(signal));
    const where = this.#places.get(place);
    if (where === undefined) {
      throw new RunnerError('unsupported', 'The place given was made by another runner.', 'Use makePlace.');
    }
    try {
      const container = await this.start({
        where,
        environment: {
          ...this.#options.environment,
          ...socketEnvironment(socket.path, socketVariable),
          ...options.environment,
        },
        user: user ?? (where.kind === 'bind' ? callingUser(docker) : undefined),
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
          variables: variablesOf(socketVariable),
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
    this.#disposed.abort(new Error('the runner was disposed of'));
    await this.#scope[Symbol.asyncDispose]();
    await this.removeRest();
    this.#registration[Symbol.dispose]();
  }

  /** Removes what is left once every target has ended. */
  protected async removeRest(): Promise<void> {}

  /** A folder that is bind-mounted, or a volume behind a relay. */
  async #makePlace(signal: AbortSignal): Promise<SocketPlace> {
    const { socket, transport } = this.#facts;
    const folder = { socketName: socket.name, everyUser: true, targetPath: socket.path };
    const where: ImagePlace =
      transport === 'relay'
        ? { kind: transport, place: await this.#relays.make(signal) }
        : { kind: transport, place: await makeFolderPlace(folder) };
    this.#places.set(where.place, where);
    return this.#scope.own(where.place);
  }
}

/** The mount that brings a place into a container, as `docker run --volume` takes it. */
export function bindOf(where: ImagePlace, folder: string, { selinux }: Pick<Docker, 'selinux'>): string {
  return where.kind === 'bind'
    ? `${where.place.folder}:${folder}${selinux ? ':z' : ''}`
    : // What the image has in that folder, its permissions above all, must not replace the relay's.
      `${where.place.volume}:${folder}:nocopy`;
}
