import type { ImageRunnerOptions } from '../../runners/image/options.ts';
import { UsageError } from '../plan/usage-error.ts';
import type { WrittenOptions } from './command-line.ts';

interface Surroundings {
  /** As written: `NAME=value`, or `NAME` for the value of this environment. */
  readonly env: readonly string[];
  readonly envFiles: readonly string[];
  readonly socketVariable?: string;
  /** What follows `--`. */
  readonly args: readonly string[];
}

/** The target as it was asked for, with the options that belong to its kind. */
export type TargetOptions =
  | { readonly kind: 'embedded'; readonly catalog: 'conformance' | 'empty' }
  | { readonly kind: 'socket'; readonly path: string }
  | ({ readonly kind: 'command'; readonly command: string } & Surroundings)
  | ({ readonly kind: 'image'; readonly image: string } & Surroundings & ImageDetails);

type ImageDetails = Readonly<
  Pick<ImageRunnerOptions, 'mounts' | 'user' | 'pull' | 'network' | 'socketPath' | 'transport' | 'relayImage'>
>;

/** The options that name a target and say how it is started. */
export type WrittenTargetOptions = Pick<
  WrittenOptions,
  | 'image'
  | 'command'
  | 'socket'
  | 'embeddedCatalog'
  | 'env'
  | 'envFile'
  | 'socketEnv'
  | 'transport'
  | 'network'
  | 'mount'
  | 'user'
  | 'pull'
  | 'socketPath'
  | 'relayImage'
>;

type Flag = keyof WrittenTargetOptions;

const imageOnly: readonly (readonly [Flag, string])[] = [
  ['transport', '--transport'],
  ['network', '--network'],
  ['mount', '--mount'],
  ['user', '--user'],
  ['pull', '--pull'],
  ['socketPath', '--socket-path'],
  ['relayImage', '--relay-image'],
];

const startedOnly: readonly (readonly [Flag, string])[] = [
  ['env', '--env'],
  ['envFile', '--env-file'],
  ['socketEnv', '--socket-env'],
];

/**
 * Finds out which target is meant, and refuses options that have no meaning for it.
 * @param args what follows `--`
 * @throws UsageError
 */
export function readTarget(options: WrittenTargetOptions, args: readonly string[]): TargetOptions {
  const { image, command, socket, embeddedCatalog } = options;
  const named = (['image', 'command', 'socket', 'embeddedCatalog'] as const)
    .filter((name) => options[name] !== undefined)
    .map((name) => (name === 'embeddedCatalog' ? '--embedded-catalog' : `--${name}`));
  if (named.length > 1)
    throw new UsageError(`${named.join(' and ')} exclude each other: there is one target`);
  if (image === undefined) refuse(options, imageOnly, '--image');
  if (image === undefined && command === undefined) {
    refuse(options, startedOnly, '--image or --command');
    if (args.length > 0) {
      throw new UsageError('arguments after -- are those of the target: name one with --image or --command');
    }
  }
  const surroundings: Surroundings = {
    env: options.env ?? [],
    envFiles: options.envFile ?? [],
    socketVariable: options.socketEnv === undefined ? undefined : variableName(options.socketEnv),
    args,
  };
  if (image !== undefined) return { kind: 'image', image, ...surroundings, ...imageDetails(options) };
  if (command !== undefined) return { kind: 'command', command, ...surroundings };
  if (socket !== undefined) return { kind: 'socket', path: socket };
  return { kind: 'embedded', catalog: embeddedCatalog ?? 'conformance' };
}

function imageDetails(options: WrittenTargetOptions): ImageDetails {
  const { transport, network, mount, user, pull, socketPath, relayImage } = options;
  return {
    mounts: mount ?? [],
    transport,
    network,
    user,
    pull,
    socketPath,
    relayImage,
  };
}

function refuse(
  options: WrittenTargetOptions,
  flags: readonly (readonly [Flag, string])[],
  owner: string,
): void {
  for (const [name, flag] of flags) {
    if (options[name] !== undefined) throw new UsageError(`${flag} goes with ${owner}, which is not given`);
  }
}

function variableName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new UsageError(`--socket-env ${name}: that is no name of a variable`);
}
