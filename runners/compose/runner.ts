import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { socketEnvironment, socketVariables } from '../environment/socket-environment.ts';
import { cleanUpOnExit } from '../exit-cleanup.ts';
import { adoptContainer, removeContainer } from '../image/container.ts';
import { ContainerPlaces } from '../image/container-places.ts';
import { crashRemovalCommand } from '../image/crash-removal.ts';
import { connectDocker, type Docker } from '../image/docker.ts';
import { ImageInstance } from '../image/image-instance.ts';
import { runLabel } from '../image/image-runner.ts';
import { type ContainerSocket, containerSocket } from '../image/options.ts';
import { callingUser, chooseTransport, containerControls } from '../image/transport.ts';
import { ResourceScope } from '../resource-scope.ts';
import type { Instance, LaunchOptions, Runner, RunnerControl, SocketPlace } from '../runner.ts';
import { type FolderPlace, makeFolderPlace } from '../socket-place.ts';
import { ComposeCli } from './cli.ts';
import type { ComposeRunnerOptions } from './options.ts';
import { renderOverride } from './override.ts';
import { type ComposeService, findService } from './service.ts';

/**
 * A runner for a service of a Compose file. Its dependencies start with the first target and end with the runner; every
 * target is a container of its own, as `docker compose run` makes them, so that several can run at once.
 * @throws RunnerError `bad-option`, `path-too-long`, `docker-unavailable` or `unsupported`
 */
export async function createComposeRunner(options: ComposeRunnerOptions): Promise<Runner> {
  const socket = containerSocket(options.socketPath);
  const docker = await connectDocker();
  const cli = await ComposeCli.find(docker.api);
  const service = await findService(cli, options.file, options.service);
  const transport = chooseTransport(docker, options.transport ?? 'auto');
  const folder = await makeFolderPlace();
  return new ComposeRunner(options, { docker, cli, service, socket, transport, folder });
}

interface Prepared {
  readonly docker: Docker;
  readonly cli: ComposeCli;
  readonly service: ComposeService;
  readonly socket: ContainerSocket;
  readonly transport: 'bind' | 'relay';
  /** For files that override the project's. */
  readonly folder: FolderPlace;
}

class ComposeRunner implements Runner {
  readonly label: string;
  readonly kind = 'compose';
  readonly sessionsOutliveRun = false;
  readonly controls: ReadonlySet<RunnerControl>;
  readonly #options: ComposeRunnerOptions;
  readonly #prepared: Prepared;
  readonly #scope = new ResourceScope();
  readonly #places: ContainerPlaces;
  readonly #registration: Disposable;
  readonly #run = `${process.pid}-${randomUUID()}`;
  readonly #project = `mcp-conformance-${this.#run}`;
  readonly #disposed = new AbortController();
  /** The first start, which brings up what the service depends on. */
  #first: Promise<void> | undefined;
  #started = false;

  constructor(options: ComposeRunnerOptions, prepared: Prepared) {
    const { docker, service, socket, transport } = prepared;
    this.#options = options;
    this.#prepared = prepared;
    this.label = `compose ${options.file}#${options.service}`;
    this.controls = containerControls(transport);
    const relay = {
      label: [runLabel, this.#run],
      targetImage: service.image,
      pull: 'missing',
      socket,
      image: options.relayImage,
    } as const;
    this.#places = new ContainerPlaces(docker, transport, relay, this.#scope);
    this.#registration = cleanUpOnExit({
      commands: [`com.docker.compose.project=${this.#project}`, `${runLabel}=${this.#run}`].map((label) =>
        crashRemovalCommand(docker.api, label),
      ),
    });
  }

  async launch(options: LaunchOptions): Promise<Instance> {
    const { docker, socket } = this.#prepared;
    const signal = AbortSignal.any([options.signal, this.#disposed.signal]);
    signal.throwIfAborted();
    const place = options.place ?? (await this.#places.make(signal));
    const where = this.#places.whereIs(place);
    const name = `${this.#project}-${randomUUID().slice(0, 8)}`;
    try {
      await this.#start(name, place, options, signal);
      const { socketVariable } = this.#options;
      return this.#scope.own(
        new ImageInstance({
          docker,
          container: await adoptContainer(docker, name),
          where,
          ownsPlace: options.place === undefined,
          socketPath: socket.path,
          variables: socketVariable === undefined ? socketVariables : [socketVariable],
        }),
      );
    } catch (error) {
      await removeContainer(docker, name);
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
    if (this.#started) {
      await this.#prepared.cli.run(
        [...this.#files(), 'down', '--volumes', '--remove-orphans', '--timeout', '2'],
        { what: `remove the project ${this.#project}` },
      );
    }
    await this.#prepared.folder[Symbol.asyncDispose]();
    this.#registration[Symbol.dispose]();
  }

  /** Starts the service in a container of its own; the first time with what it depends on. */
  async #start(name: string, place: SocketPlace, launch: LaunchOptions, signal: AbortSignal): Promise<void> {
    const { cli, folder } = this.#prepared;
    const { service, args = [] } = this.#options;
    const environment = {
      ...this.#options.environment,
      ...socketEnvironment(this.#prepared.socket.path, this.#options.socketVariable),
      ...launch.environment,
    };
    const file = join(folder.folder, `${name}.json`);
    await writeFile(file, this.#override(place, environment), { mode: 0o600 });
    const without = Object.keys(environment).filter((key) => environment[key] === null);
    const start = async (...more: readonly string[]): Promise<void> => {
      const words = ['run', '--detach', '-T', '--name', name, ...more, service, ...args];
      const what = `start the service ${service}`;
      await cli.run([...this.#files(), '--file', file, ...words], { what, signal, without });
    };
    try {
      await this.#inTurn(start);
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Lets one start bring up the dependencies, and others wait for that. One that fails leaves it to the next. */
  async #inTurn(start: (...more: readonly string[]) => Promise<void>): Promise<void> {
    while (this.#first !== undefined) {
      const done = await this.#first.then(
        () => true,
        () => false,
      );
      if (done) return start('--no-deps');
    }
    this.#started = true;
    this.#first = start();
    try {
      await this.#first;
    } catch (error) {
      this.#first = undefined;
      throw error;
    }
  }

  #files(): readonly string[] {
    return ['--project-name', this.#project, '--file', this.#options.file];
  }

  #override(place: SocketPlace, environment: Readonly<Record<string, string | null>>): string {
    const { docker, service, socket } = this.#prepared;
    const where = this.#places.whereIs(place);
    return renderOverride({
      service: this.#options.service,
      version: service.version,
      labels: { [runLabel]: this.#run },
      environment,
      user: this.#options.user ?? (where.kind === 'bind' ? callingUser(docker) : undefined),
      hostUsers: docker.remapsUsers && where.kind === 'bind',
      where,
      folder: socket.folder,
      selinux: docker.selinux,
    });
  }
}
