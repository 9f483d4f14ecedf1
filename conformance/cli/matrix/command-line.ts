import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { defaultConcurrency } from '../../engine/options.ts';
import { configFile } from '../../plan/config-file.ts';
import { choice, seconds, several, text, whole } from '../command-parts.ts';

/** The options about targets and what is checked on them, which `matrix` and `proto check` have in common. */
export interface WrittenTargetOptions {
  readonly target?: readonly string[];
  readonly config?: string;
  readonly level?: 'core' | 'strict';
  readonly capability?: readonly string[];
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly fixtures?: string;
  readonly knownFailures?: readonly string[];
  readonly failOnSkip?: true;
  readonly timeout?: number;
  readonly readyTimeout?: number;
  readonly concurrency?: number;
  readonly together?: number;
  readonly verbose?: true;
  readonly report?: readonly string[];
  readonly color: boolean;
}

/** How many targets run side by side unless somebody says otherwise: each keeps two processes busy. */
export const defaultTogether = Math.max(1, Math.floor(availableParallelism() / 2));

/** Adds the options that `WrittenTargetOptions` has. */
export function addTargetOptions(command: Command): Command {
  command.optionsGroup('Targets:');
  command.addOption(
    several(
      '--target <name=kind:value>',
      'image:…, command:…, socket:… or embedded; or a configured name; several',
    ),
  );
  command.addOption(text('--config <file>', `targets and settings (default: ${configFile}, where it is)`));

  command.optionsGroup('What is checked:');
  command.addOption(
    choice('--level <level>', 'the level to hold them to (default: strict)', ['core', 'strict']),
  );
  command.addOption(several('--capability <name>', 'a capability that each has to declare; several'));
  command.addOption(several('--suite <glob>', 'only these suites; several'));
  command.addOption(several('--case <glob>', 'only these cases, by id or by name; several'));
  command.addOption(text('--fixtures <folder>', "cases from this folder in place of the kit's own"));

  command.optionsGroup('How it is judged:');
  command.addOption(
    several('--known-failures <name=file>', 'failures of a target that do not count; several'),
  );
  command.option('--fail-on-skip', 'a case that cannot be checked counts as a failure');

  command.optionsGroup('Time:');
  command.addOption(
    seconds('--timeout <seconds>', 'limit of a case, thrice that for the largest (default: 20)'),
  );
  command.addOption(seconds('--ready-timeout <seconds>', 'limit until a target is ready (default: 30)'));
  command.addOption(
    whole('--concurrency <number>', `cases side by side on one target (default: ${defaultConcurrency})`, 256),
  );
  command.addOption(
    whole(
      '--together <number>',
      `targets side by side (default: half the cores, here ${defaultTogether})`,
      64,
    ),
  );

  command.optionsGroup('Output:');
  command.option('--verbose', 'every clause and every case by implementation');
  command.addOption(several('--report <kind=file,...>', 'also write json, junit or markdown; several'));
  command.option('--no-color', 'no colours (NO_COLOR and FORCE_COLOR are heeded too)');
  return command;
}
