import { resolve } from 'node:path';
import { environmentOf, type StartOptions, startFlags } from '../environment/target-flags.ts';
import { containerFlags } from '../image/target.ts';
import { containerAbilities, type TargetKind } from '../target-kind.ts';
import type { ComposeRunnerOptions } from './options.ts';
import { splitService } from './split-service.ts';

/** A service of a Compose file, with the services that it depends on. */
export interface ComposeTarget
  extends StartOptions,
    Pick<ComposeRunnerOptions, 'transport' | 'user' | 'socketPath' | 'relayImage'> {
  readonly kind: 'compose';
  /** `FILE#SERVICE`. */
  readonly service: string;
}

export const composeTarget: TargetKind<ComposeTarget> = {
  name: 'compose',
  flag: {
    name: 'compose',
    placeholder: 'file#service',
    description: 'a service of a Compose file, with those that it depends on',
    key: 'service',
    configured: ({ value, folder }) => resolve(folder, String(value)),
  },
  flags: [...startFlags, ...containerFlags],
  takesArguments: true,
  abilities: containerAbilities,
  describe: ({ service }) => `compose ${service}`,
  check: ({ service }) => {
    splitService(service);
  },
  preload: () => {
    // A failure shows again where it is awaited.
    import('./runner.ts').catch(() => {});
  },
  start: async (target) => {
    const { createComposeRunner } = await import('./runner.ts');
    const { kind: _, service, env: __, envFiles: ___, ...options } = target;
    return createComposeRunner({
      ...options,
      ...splitService(service),
      environment: await environmentOf(target),
    });
  },
};
