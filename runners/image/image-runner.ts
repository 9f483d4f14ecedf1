import { readEnvFile } from '../environment/env-file.ts';
import { environmentWords } from '../environment/socket-environment.ts';
import type { ImageFacts, Runner } from '../runner.ts';
import type { RunningContainer } from './container.ts';
import { bindOf, type ContainerFacts, type ContainerLaunch, ContainerRunner } from './container-runner.ts';
import { connectDocker } from './docker.ts';
import { describeImage } from './image-facts.ts';
import { type Mount, parseMount } from './mount.ts';
import { chooseTransport, containerSocket, type ImageRunnerOptions } from './options.ts';
import { provideImage } from './pull.ts';

/**
 * Creates a runner for a container image. Checks the options, connects to Docker and provides the image.
 * @throws RunnerError `bad-option`, `path-too-long`, `docker-unavailable`, `image-missing` or `unsupported`
 */
export async function createImageRunner(options: ImageRunnerOptions): Promise<Runner> {
  // The module loads slowly, so loading starts early. `start` imports it again and reports a failure.
  import('./container.ts').catch(() => {});
  const socket = containerSocket(options.socketPath);
  const mounts = (options.mounts ?? []).map(parseMount);
  const files = await Promise.all((options.envFiles ?? []).map((file) => readEnvFile(file)));
  const environment = Object.assign({}, ...files, options.environment);
  const docker = await connectDocker();
  await provideImage(docker, options.image, options.pull ?? 'missing');
  const transport = chooseTransport(docker, options.transport ?? 'auto');
  const image = await describeImage(docker, options.image);
  return new ImageRunner({ ...options, environment }, mounts, { docker, socket, transport, image });
}

interface ImageRunnerFacts extends ContainerFacts {
  readonly image: ImageFacts | undefined;
}

class ImageRunner extends ContainerRunner {
  readonly label: string;
  readonly kind = 'image';
  readonly image: ImageFacts | undefined;
  readonly #options: ImageRunnerOptions;
  readonly #mounts: readonly Mount[];
  readonly #facts: ContainerFacts;

  constructor(options: ImageRunnerOptions, mounts: readonly Mount[], facts: ImageRunnerFacts) {
    super(options, facts, { targetImage: options.image, pull: options.pull ?? 'missing' });
    this.label = `image ${options.image}`;
    this.image = facts.image;
    this.#options = options;
    this.#mounts = mounts;
    this.#facts = facts;
  }

  protected async start({ where, signal, ...launch }: ContainerLaunch): Promise<RunningContainer> {
    const { docker, socket } = this.#facts;
    const { image, network = 'none', entrypoint, args } = this.#options;
    const { startContainer } = await import('./container.ts');
    const spec = {
      ...launch,
      image,
      labels: this.labels,
      network,
      environment: environmentWords(launch.environment),
      entrypoint,
      command: args?.length === 0 ? undefined : args,
      binds: [bindOf(where, socket.folder, docker)],
      mounts: this.#mounts,
    };
    return startContainer(docker, spec, signal);
  }
}
