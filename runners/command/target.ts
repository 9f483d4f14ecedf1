import { environmentOf, inheritFlag, type StartOptions, startFlags } from '../environment/target-flags.ts';
import { startedAbilities, type TargetKind } from '../target-kind.ts';
import { splitCommand } from './split-command.ts';

/** A program on this machine. */
export interface CommandTarget extends StartOptions {
  readonly kind: 'command';
  /** The command line. The kit does not run a shell. */
  readonly command: string;
  /** Names of variables of the kit that the program inherits in addition to the default ones. `*` stands for all. */
  readonly inherit?: readonly string[];
}

export const commandTarget: TargetKind<CommandTarget> = {
  name: 'command',
  flag: {
    name: 'command',
    placeholder: 'command',
    description: 'a program that the kit starts without a shell',
    key: 'command',
  },
  flags: [...startFlags, inheritFlag],
  takesArguments: true,
  abilities: startedAbilities,
  describe: ({ command, args = [] }) => `command ${[command, ...args].join(' ')}`,
  check: ({ command }) => {
    splitCommand(command);
  },
  changingParts: ({ command, args = [] }) => ({ command: [...splitCommand(command), ...args] }),
  start: async (target, transport) => {
    const { createCommandRunner } = await import('./runner.ts');
    const { command, args, inherit, socketVariable } = target;
    const environment = await environmentOf(target);
    return createCommandRunner({ command, args, inherit, socketVariable, transport, environment });
  },
};
