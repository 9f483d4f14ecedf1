import { resolve } from 'node:path';
import { environmentOf, type StartOptions, startFlags } from '../environment/target-flags.ts';
import {
  type ConfiguredValue,
  containerAbilities,
  type TargetFlag,
  type TargetKind,
} from '../target-kind.ts';
import { checkLimits, defaultPids } from './limits.ts';
import type { ImageRunnerOptions } from './options.ts';
import { rootModes } from './root-file-system.ts';

/** A container image. */
export interface ImageTarget
  extends StartOptions,
    Omit<
      ImageRunnerOptions,
      'environment' | 'envFiles' | 'args' | 'entrypoint' | 'socketVariable' | 'transport'
    > {
  readonly kind: 'image';
}

/** The flags that all container targets share. */
export const containerFlags = [
  {
    name: 'socket-access',
    placeholder: 'kind',
    description: 'how the kit reaches the socket (default: auto)',
    key: 'socketAccess',
    takes: ['auto', 'bind', 'relay'],
  },
  {
    name: 'user',
    placeholder: 'uid:gid',
    description: 'user in the container (default: see docs/targets.md)',
    key: 'user',
  },
  {
    name: 'socket-path',
    placeholder: 'path',
    description: 'the socket path in the container',
    key: 'socketPath',
  },
  {
    name: 'relay-image',
    placeholder: 'image',
    description: 'an image with node or socat, for the relay',
    key: 'relayImage',
  },
] as const satisfies readonly TargetFlag<keyof ImageTarget>[];

/** An option with a number, which YAML need not quote. */
const amount = (name: string, placeholder: string, description: string) => ({
  name,
  placeholder,
  description,
  schema: { type: ['string', 'number'] },
  configured: ({ value }: ConfiguredValue) => String(value),
});

/** The flags that confine a container. */
const limitFlags = [
  {
    ...amount(
      'memory',
      'amount',
      "memory limit, such as 512m, or unlimited (default: a quarter of Docker's memory, 512m to 2g)",
    ),
    key: 'memory',
  },
  {
    ...amount('pids-limit', 'number', `process limit, or unlimited (default: ${defaultPids})`),
    key: 'pidsLimit',
  },
  {
    ...amount('cpus', 'number', 'CPU limit, or unlimited (default: all CPUs but half of one)'),
    key: 'cpus',
  },
  {
    name: 'root-fs',
    placeholder: 'mode',
    description: 'root file system (default: auto, read-only if the image can start with it)',
    key: 'rootMode',
    takes: rootModes,
  },
  {
    name: 'cap-add',
    placeholder: 'name',
    description: 'a Linux capability to keep (default: none); repeatable',
    key: 'capAdd',
    takes: 'list',
  },
] as const satisfies readonly TargetFlag<keyof ImageTarget>[];

export const imageTarget: TargetKind<ImageTarget> = {
  name: 'image',
  flag: { name: 'image', placeholder: 'image', description: 'a container image', key: 'image' },
  flags: [
    ...startFlags,
    ...containerFlags,
    ...limitFlags,
    {
      name: 'pull',
      placeholder: 'when',
      description: 'when to pull the image (default: missing)',
      key: 'pull',
      takes: ['never', 'missing', 'always'],
    },
    {
      name: 'network',
      placeholder: 'name',
      description: 'a Docker network (default: none)',
      key: 'network',
    },
    {
      name: 'mount',
      placeholder: 'source:target',
      description: 'a folder, file or volume to mount; append :ro for read-only; repeatable',
      key: 'mounts',
      takes: 'list',
      configured: ({ value, folder }) =>
        (value as readonly string[]).map((mount) =>
          /^\.\.?\//.test(mount) ? resolve(folder, mount) : mount,
        ),
    },
  ],
  takesArguments: true,
  abilities: containerAbilities,
  describe: ({ image }) => `image ${image}`,
  check: checkLimits,
  changingParts: ({ image }) => ({ images: async () => [image] }),
  preload: () => {
    // The start imports the module again and reports the failure.
    import('./container.ts').catch(() => {});
  },
  start: async (target, transport) => {
    const { createImageRunner } = await import('./image-runner.ts');
    const { kind: _, env: __, envFiles: ___, ...options } = target;
    return createImageRunner({ ...options, transport, environment: await environmentOf(target) });
  },
};
