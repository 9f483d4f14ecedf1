import { environmentOf, type StartOptions, startFlags } from '../environment/target-flags.ts';
import { startedAbilities, type TargetKind } from '../target-kind.ts';
import { splitCommand } from './split-command.ts';

/** A program on this machine. */
export interface CommandTarget extends StartOptions {
  readonly kind: 'command';
  /** The command line. The kit does not run a shell. */
  readonly command: string;
}

export const commandTarget: TargetKind<CommandTarget> = {
  name: 'command',
  flag: {
    name: 'command',
    placeholder: 'command',
    description: 'a program that the kit starts without a shell',
    key: 'command',
  },
  flags: startFlags,
  takesArguments: true,
  abilities: startedAbilities,
  describe: ({ command, args = [] }) => `command ${[command, ...args].join(' ')}`,
  check: ({ command }) => {
    splitCommand(command);
  },
  changingParts: ({ command, args = [] }) => ({ command: [...splitCommand(command), ...args] }),
  start: async (target) => {
    const { createCommandRunner } = await import('./runner.ts');
    const { command, args, socketVariable } = target;
    return createCommandRunner({ command, args, socketVariable, environment: await environmentOf(target) });
  },
};
