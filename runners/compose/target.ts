import { resolve } from 'node:path';
import { environmentOf, type StartOptions, startFlags } from '../environment/target-flags.ts';
import { containerFlags } from '../image/target.ts';
import { badOption } from '../runner.ts';
import { containerAbilities, type TargetKind } from '../target-kind.ts';
import type { ComposeRunnerOptions } from './runner.ts';

/** A service of a Compose file, with the services that it depends on. */
export interface ComposeTarget
  extends StartOptions,
    Pick<ComposeRunnerOptions, 'socketAccess' | 'user' | 'socketPath' | 'relayImage'> {
  readonly kind: 'compose';
  /** `FILE#SERVICE`. */
  readonly service: string;
}

export const composeTarget: TargetKind<ComposeTarget> = {
  name: 'compose',
  flag: {
    name: 'compose',
    placeholder: 'file#service',
    description: 'a service of a Compose file, with its dependencies',
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
  changingParts: ({ service }) => {
    const { file, service: name } = splitService(service);
    const images = async () => (await import('./runner.ts')).imagesOfService(file, name);
    return { files: [resolve(file)], images };
  },
  preload: () => {
    // `start` imports the module again and reports the failure.
    import('./runner.ts').catch(() => {});
  },
  start: async (target, transport) => {
    const { createComposeRunner } = await import('./runner.ts');
    const { kind: _, service, env: __, envFiles: ___, ...options } = target;
    return createComposeRunner({
      ...options,
      ...splitService(service),
      transport,
      environment: await environmentOf(target),
    });
  },
};

/**
 * Splits `FILE#SERVICE`.
 * @throws RunnerError `bad-option`
 */
export function splitService(value: string): { readonly file: string; readonly service: string } {
  const at = value.lastIndexOf('#');
  const file = value.slice(0, at);
  const service = value.slice(at + 1);
  if (at > 0 && service.trim() !== '') return { file, service };
  throw badOption(
    `--compose ${value}: the service is missing.`,
    'Write --compose FILE#SERVICE, such as --compose compose.yaml#runtime.',
  );
}
