import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { withDeadline } from '../../base/deadline.ts';
import { describeExit, describeOutput } from '../diagnosis.ts';
import { type Address, RunnerError, type SocketPlace } from '../runner.ts';
import type { ContainerSpec, RunningContainer } from './container.ts';
import { relayUser } from './container-user.ts';
import { type Docker, dockerMessage, dockerMilliseconds, dockerStatus } from './docker.ts';
import type { ContainerLimits } from './limits.ts';
import type { ContainerSocket } from './options.ts';
import { provideImage } from './pull.ts';
import {
  nodeRelay,
  type RelayFact,
  readRelayLine,
  relayFolder,
  relayPort,
  socatRelay,
} from './relay-script.ts';

/** The image of the reference runtime, which contains node. docker/build.mjs sets this name. */
export const ownImage = 'mcp-reference-runtime:latest';

/** The public image that the kit pulls if no local image can relay: node:22.21.1-bookworm-slim. */
export const publicRelayImage =
  'node@sha256:25b3eb23a00590b7499f2a2ce939322727fcce1b15fdd69754fcd09536a3ae2c';

export interface RelayOptions {
  /** The labels of all Docker resources of the run. */
  readonly labels: Readonly<Record<string, string>>;
  /** The only image to try. */
  readonly image?: string;
  /** The image under test, if known. It is already on this machine. */
  readonly targetImage?: string;
  /** The user of the target, if known. */
  readonly targetUser?: string;
  readonly pull: 'never' | 'missing' | 'always';
  readonly socket: ContainerSocket;
}

/** A place in a volume, with a container that relays TCP connections to the socket. Only containers see the volume. */
export interface RelayPlace extends SocketPlace {
  readonly hostPath: undefined;
  /** The name of the volume. */
  readonly volume: string;
  readonly address: Address;
  /** Returns the last fact about the socket that the relay printed. */
  readonly lastFact: () => RelayFact | undefined;
  /** Opens a connection, and returns whether the relay has reached the socket by now. */
  readonly reachesSocket: () => Promise<boolean>;
}

const relayMemoryBytes = 512 * 1024 ** 2;
const relayPids = 256;

type Recipe = Pick<ContainerSpec, 'image'> & { readonly command: readonly string[] };

/** Makes places behind relays, and remembers the first image that could relay. */
export class RelayPlaces {
  readonly #docker: Docker;
  readonly #options: RelayOptions;
  #recipe: Recipe | undefined;

  constructor(docker: Docker, options: RelayOptions) {
    this.#docker = docker;
    this.#options = options;
  }

  /** Makes a volume and starts its relay. @throws RunnerError `image-missing` or `not-started` if no image can relay */
  async make(signal: AbortSignal): Promise<RelayPlace> {
    signal.throwIfAborted();
    const volume = `mcp-runtime-conformance-${randomUUID()}`;
    await this.#docker.api.createVolume({
      Name: volume,
      Labels: { ...this.#options.labels },
      // In a folder of this mode, the target can create its socket as any user, without help from root.
      Driver: 'local',
      DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'mode=0777,size=16m' },
    });
    try {
      const relay = await this.#startRelay(volume, signal);
      const address = await mappedAddress(this.#docker, relay);
      return {
        hostPath: undefined,
        targetPath: this.#options.socket.path,
        volume,
        address,
        lastFact: () => lastFact(relay),
        reachesSocket: async () => {
          await connectOnce(address);
          return lastFact(relay)?.kind === 'connected';
        },
        [Symbol.asyncDispose]: async () => {
          await relay[Symbol.asyncDispose]();
          await removeVolume(this.#docker, volume);
        },
      };
    } catch (error) {
      await removeVolume(this.#docker, volume);
      throw error;
    }
  }

  async #startRelay(volume: string, signal: AbortSignal): Promise<RunningContainer> {
    if (this.#recipe !== undefined) return this.#start(volume, this.#recipe, signal);
    const failures: RunnerError[] = [];
    for (const image of await this.#candidates()) {
      for (const command of this.#commands()) {
        try {
          const relay = await this.#start(volume, { image, command }, signal);
          this.#recipe = { image, command };
          return relay;
        } catch (error) {
          if (!(error instanceof RunnerError) || error.code === 'bad-option') throw error;
          failures.push(error);
        }
      }
    }
    throw new RunnerError(
      failures.some((failure) => failure.code === 'image-missing') ? 'image-missing' : 'not-started',
      `No relay could be started. ${failures.at(-1)?.message ?? ''}`.trim(),
      'Use --relay-image with an image that has node, or sh and socat.',
    );
  }

  /** Returns the images to try: local images first, and the image to pull last. */
  async #candidates(): Promise<readonly string[]> {
    const { image, targetImage } = this.#options;
    if (image !== undefined) return [image];
    const { ImageName } = await import('./testcontainers.ts');
    const hasOwn = await this.#docker.client.image.exists(ImageName.fromString(ownImage));
    return [...(hasOwn ? [ownImage] : []), ...(targetImage ? [targetImage] : []), publicRelayImage];
  }

  #commands(): readonly (readonly string[])[] {
    const { name } = this.#options.socket;
    return [[...nodeRelay, relayFolder, name, String(relayPort)], socatRelay(relayFolder, name, relayPort)];
  }

  #limits(): ContainerLimits {
    const { supports } = this.#docker.machine;
    return {
      memoryBytes: supports.memory ? relayMemoryBytes : undefined,
      pids: supports['pids-limit'] ? relayPids : undefined,
      cpus: undefined,
    };
  }

  async #start(volume: string, { image, command }: Recipe, signal: AbortSignal): Promise<RunningContainer> {
    const { labels, pull, targetUser } = this.#options;
    // Only the owner of a socket of mode 0600 may open it (LIFE-7).
    const { user, capabilities } = relayUser(targetUser);
    await provideImage(this.#docker, image, pull === 'always' ? 'missing' : pull);
    const { startContainer } = await import('./container.ts');
    const onLoopback = this.#docker.portHost === '127.0.0.1' || this.#docker.portHost === 'localhost';
    const relay = await startContainer(
      this.#docker,
      {
        image,
        labels,
        network: 'bridge',
        environment: [],
        entrypoint: command.slice(0, 1),
        command: command.slice(1),
        user,
        confinement: { limits: this.#limits(), readOnlyRoot: true, capabilities },
        mounts: [{ type: 'volume', source: volume, target: relayFolder, readOnly: false }],
        publish: { port: relayPort, address: onLoopback ? '127.0.0.1' : '' },
      },
      signal,
    );
    try {
      await waitUntilListening(relay, signal);
      return relay;
    } catch (error) {
      await relay[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** Waits until the relay reports that it listens. If the relay exits instead, its image cannot run it. */
async function waitUntilListening(relay: RunningContainer, signal: AbortSignal): Promise<void> {
  const outcome = await withDeadline(
    Promise.race([relay.logs.includes('"listening":true'), relay.exit]),
    dockerMilliseconds,
    'starting the relay',
  );
  signal.throwIfAborted();
  if (outcome !== undefined) {
    throw new RunnerError(
      'not-started',
      `The relay ${describeExit(outcome)}. ${describeOutput(relay.logs)}`,
      '',
    );
  }
}

function connectOnce(address: Address & { readonly kind: 'tcp' }): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address.port, address.host);
    const settle = () => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(1_000, settle);
    socket.once('connect', settle);
    socket.once('error', settle);
  });
}

async function mappedAddress(
  docker: Docker,
  relay: RunningContainer,
): Promise<Address & { readonly kind: 'tcp' }> {
  const { NetworkSettings } = await docker.client.container.inspect(relay.api);
  const port = NetworkSettings.Ports[`${relayPort}/tcp`]?.[0]?.HostPort;
  if (port === undefined) {
    await relay[Symbol.asyncDispose]();
    throw new RunnerError('not-started', 'Docker did not map a port for the relay.', 'Restart Docker.');
  }
  return { kind: 'tcp', host: docker.portHost, port: Number(port) };
}

function lastFact(relay: RunningContainer): RelayFact | undefined {
  const facts = relay.logs.last(20).map((line) => readRelayLine(line.text));
  return facts.filter((fact) => fact !== undefined).at(-1);
}

async function removeVolume(docker: Docker, name: string): Promise<void> {
  try {
    await docker.api.getVolume(name).remove({ force: true });
  } catch (error) {
    if (dockerStatus(error) !== 404) {
      throw new RunnerError(
        'not-started',
        `The volume ${name} could not be removed: ${dockerMessage(error)}.`,
        `Run: docker volume rm ${name}`,
      );
    }
  }
}
