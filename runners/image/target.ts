import { resolve } from 'node:path';
import { environmentOf, type StartOptions, startFlags } from '../environment/target-flags.ts';
import { containerAbilities, type TargetFlag, type TargetKind } from '../target-kind.ts';
import type { ImageRunnerOptions } from './options.ts';

/** A container image. */
export interface ImageTarget
  extends StartOptions,
    Omit<ImageRunnerOptions, 'environment' | 'envFiles' | 'args' | 'entrypoint' | 'socketVariable'> {
  readonly kind: 'image';
}

/** The flags that all container targets share. */
export const containerFlags = [
  {
    name: 'transport',
    placeholder: 'kind',
    description: 'how the kit reaches the socket (default: auto)',
    key: 'transport',
    takes: ['auto', 'bind', 'relay'],
  },
  {
    name: 'user',
    placeholder: 'uid:gid',
    description: 'user in the container (default: the calling user)',
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

export const imageTarget: TargetKind<ImageTarget> = {
  name: 'image',
  flag: { name: 'image', placeholder: 'image', description: 'a container image', key: 'image' },
  flags: [
    ...startFlags,
    ...containerFlags,
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
  changingParts: ({ image }) => ({ images: async () => [image] }),
  preload: () => {
    // The start imports the module again and reports the failure.
    import('./container.ts').catch(() => {});
  },
  start: async (target) => {
    const { createImageRunner } = await import('./image-runner.ts');
    const { kind: _, env: __, envFiles: ___, ...options } = target;
    return createImageRunner({ ...options, environment: await environmentOf(target) });
  },
};
