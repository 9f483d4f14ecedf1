import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentChanges } from '../environment/socket-environment.ts';
import { cleanUpOnExit } from '../exit-cleanup.ts';
import { adoptContainer, type RunningContainer, removeContainer } from '../image/container.ts';
import { type ContainerFacts, type ContainerLaunch, ContainerRunner } from '../image/container-runner.ts';
import { crashRemovalCommand } from '../image/crash-removal.ts';
import { connectDocker } from '../image/docker.ts';
import { describeImage } from '../image/image-facts.ts';
import { chooseSocketAccess, containerSocket, type ImageRunnerOptions } from '../image/options.ts';
import type { ImageFacts, Runner } from '../runner.ts';
import { type FolderPlace, makeFolderPlace } from '../socket-place.ts';
import { ComposeCli } from './cli.ts';
import { renderOverride } from './override.ts';
import { type ComposeService, findService } from './service.ts';

/** Options of a Compose runner. */
export interface ComposeRunnerOptions
  extends Pick<
    ImageRunnerOptions,
    'args' | 'socketVariable' | 'transport' | 'user' | 'socketPath' | 'socketAccess' | 'relayImage'
  > {
  /** The Compose file. */
  readonly file: string;
  /** The target: the name of a service in the file. */
  readonly service: string;
  /** Variables that override those of the file. null removes a variable. */
  readonly environment?: EnvironmentChanges;
}

/**
 * Creates a runner for a service of a Compose file. The dependencies of the service start with the first instance and
 * end with the runner. Each instance is a separate `docker compose run`, so that several can run concurrently.
 * @throws RunnerError `bad-option`, `path-too-long`, `docker-unavailable` or `unsupported`
 */
export async function createComposeRunner(options: ComposeRunnerOptions): Promise<Runner> {
  const socket = containerSocket(options.socketPath);
  const docker = await connectDocker();
  const cli = await ComposeCli.find(docker.api);
  const service = await findService(cli, options.file, options.service);
  const socketAccess = chooseSocketAccess(docker, options.socketAccess ?? 'auto');
  const described = service.image === undefined ? undefined : await describeImage(docker, service.image);
  const folder = await makeFolderPlace();
  return new ComposeRunner(options, {
    docker,
    cli,
    service,
    socket,
    socketAccess,
    folder,
    image: described?.facts,
  });
}

/**
 * Returns the name of the image of a service. Empty if the service is built from a context.
 * @throws RunnerError
 */
export async function imagesOfService(file: string, service: string): Promise<readonly string[]> {
  const docker = await connectDocker();
  const { image } = await findService(await ComposeCli.find(docker.api), file, service);
  return image === undefined ? [] : [image];
}

interface ComposeFacts extends ContainerFacts {
  readonly cli: ComposeCli;
  readonly service: ComposeService;
  readonly image: ImageFacts | undefined;
  /** The folder for override files. */
  readonly folder: FolderPlace;
}

class ComposeRunner extends ContainerRunner {
  readonly label: string;
  readonly kind = 'compose';
  readonly image: ImageFacts | undefined;
  readonly #options: ComposeRunnerOptions;
  readonly #facts: ComposeFacts;
  readonly #project = `mcp-conformance-${this.run}`;
  readonly #registration: Disposable;
  /** The first start, which also starts the dependencies of the service. */
  #first: Promise<void> | undefined;
  #started = false;

  constructor(options: ComposeRunnerOptions, facts: ComposeFacts) {
    super(options, facts, { targetImage: facts.service.image, pull: 'missing' });
    this.label = `compose ${options.file}#${options.service}`;
    this.image = facts.image;
    this.#options = options;
    this.#facts = facts;
    const label = `com.docker.compose.project=${this.#project}`;
    this.#registration = cleanUpOnExit({ commands: [crashRemovalCommand(facts.docker.api, label)] });
  }

  /** Starts the service in a new container. The first start also starts its dependencies. */
  protected async start({ signal, ...launch }: ContainerLaunch): Promise<RunningContainer> {
    const { docker, cli, folder, socket, service: found } = this.#facts;
    const { service, args = [] } = this.#options;
    const { environment } = launch;
    const name = `${this.#project}-${randomUUID().slice(0, 8)}`;
    const file = join(folder.folder, `${name}.json`);
    const override = renderOverride({
      ...launch,
      service,
      version: found.version,
      labels: this.labels,
      folder: socket.folder,
      selinux: docker.selinux,
    });
    const without = Object.keys(environment).filter((key) => environment[key] === null);
    const start = async (...more: readonly string[]): Promise<void> => {
      const words = ['run', '--detach', '-T', '--name', name, ...more, service, ...args];
      const what = `start the service ${service}`;
      await cli.run([...this.#files(), '--file', file, ...words], { what, signal, without });
    };
    try {
      await writeFile(file, override, { mode: 0o600 });
      await this.#startInOrder(start);
      return await adoptContainer(docker, name);
    } catch (error) {
      await removeContainer(docker, name);
      throw error;
    } finally {
      await rm(file, { force: true });
    }
  }

  protected override async removeRest(): Promise<void> {
    if (this.#started) {
      const down = [...this.#files(), 'down', '--volumes', '--remove-orphans', '--timeout', '2'];
      await this.#facts.cli.run(down, { what: `remove the project ${this.#project}` });
    }
    await this.#facts.folder[Symbol.asyncDispose]();
    this.#registration[Symbol.dispose]();
  }

  /**
   * Lets the first start bring up the dependencies while other starts wait. If it fails, the next start tries again.
   */
  async #startInOrder(start: (...more: readonly string[]) => Promise<void>): Promise<void> {
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
}
