import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { readEnvFile } from '../environment/env-file.ts';
import { environmentWords } from '../environment/socket-environment.ts';
import type { ImageFacts, Runner } from '../runner.ts';
import type { RunningContainer } from './container.ts';
import { bindOf, type ContainerFacts, type ContainerLaunch, ContainerRunner } from './container-runner.ts';
import { imageUser } from './container-user.ts';
import { connectDocker } from './docker.ts';
import { describeImage } from './image-facts.ts';
import type { ImagePlace } from './image-instance.ts';
import { type ContainerLimits, limitsOf } from './limits.ts';
import { type Mount, parseMount } from './mount.ts';
import { chooseSocketAccess, containerSocket, type ImageRunnerOptions } from './options.ts';
import { provideImage } from './pull.ts';
import { RootFileSystem } from './root-file-system.ts';

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
  const socketAccess = chooseSocketAccess(docker, options.socketAccess ?? 'auto');
  const limits = limitsOf(options, docker);
  const described = await describeImage(docker, options.image);
  const own = described?.user ?? '';
  const facts = { docker, socket, socketAccess, mounts, limits, image: described?.facts, own };
  return new ImageRunner({ ...options, environment }, facts);
}

/** Facts about an image and the limits of its containers. */
interface ImageRunnerFacts extends ContainerFacts {
  readonly mounts: readonly Mount[];
  readonly limits: ContainerLimits;
  readonly image: ImageFacts | undefined;
  /** The user of the image. */
  readonly own: string;
}

class ImageRunner extends ContainerRunner {
  readonly label: string;
  readonly kind = 'image';
  readonly image: ImageFacts | undefined;
  readonly #options: ImageRunnerOptions;
  readonly #facts: ImageRunnerFacts;
  readonly #root: RootFileSystem;

  constructor(options: ImageRunnerOptions, facts: ImageRunnerFacts) {
    const targetUser = options.user ?? imageUser(facts.own);
    super(options, facts, { targetImage: options.image, targetUser, pull: options.pull ?? 'missing' });
    this.label = `image ${options.image}`;
    this.image = facts.image;
    this.#options = options;
    this.#facts = facts;
    this.#root = new RootFileSystem(options.rootMode ?? 'auto');
  }

  protected async start(launch: ContainerLaunch): Promise<RunningContainer> {
    const { where, isPlain, environment, hostUsers, signal } = launch;
    const { docker, socket, mounts, limits, own } = this.#facts;
    const { image, network = 'none', entrypoint, args, capAdd: capabilities = [] } = this.#options;
    const { startContainer } = await import('./container.ts');
    const spec = {
      image,
      user: launch.user ?? imageUser(own),
      hostUsers,
      labels: this.labels,
      network,
      environment: environmentWords(environment),
      entrypoint,
      command: args?.length === 0 ? undefined : args,
      binds: [bindOf(where, socket.folder, docker)],
      mounts,
    };
    return this.#root.start({
      decides: isPlain,
      start: (readOnlyRoot) =>
        startContainer(docker, { ...spec, confinement: { limits, readOnlyRoot, capabilities } }, signal),
      listening: (over) => untilListening(where, over),
    });
  }
}

/** Interval between two looks at a socket, which reports no event. */
const lookMs = 10;

/** Waits until a target has created its socket, or `over` is aborted. */
async function untilListening(where: ImagePlace, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const isListening =
      where.kind === 'bind' ? await isSocket(where.place.hostPath) : await where.place.reachesSocket();
    if (isListening) return;
    await pause(lookMs);
  }
}

function isSocket(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
}
