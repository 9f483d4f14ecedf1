import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../base/package.ts';

/** Makes texts that a terminal opens on a click. If links are off, every function returns its text unchanged. */
export interface Links {
  /**
   * Links a text to a file of this machine.
   * @param path absolute, or relative to the package of the kit, like the paths of fixtures
   */
  file(path: string, text: string): string;
}

/** Links that are off. */
export const noLinks: Links = { file: (_, text) => text };

/** @param host the name of this machine, so that a terminal on another one does not open its own file */
export function makeLinks(enabled: boolean, host = hostname()): Links {
  if (!enabled) return noLinks;
  return {
    file: (path, text) => {
      const { pathname } = pathToFileURL(resolve(packageRoot(), path));
      return `\x1b]8;;file://${encodeURIComponent(host)}${pathname}\x1b\\${text}\x1b]8;;\x1b\\`;
    },
  };
}

/** The inputs to the decision about links. */
export interface LinkHints {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}

/**
 * Decides by `FORCE_HYPERLINK` (0 turns links off, any other value on), and otherwise by whether the output is a
 * terminal that is known to support links (OSC 8). Logs of CI systems have none. `NO_COLOR` concerns only colours.
 */
export function wantsLinks({ environment, isTTY }: LinkHints): boolean {
  const force = environment['FORCE_HYPERLINK'];
  if (force !== undefined) return Number.parseInt(force, 10) !== 0;
  if (!isTTY || isSet(environment, 'CI') || isSet(environment, 'TEAMCITY_VERSION')) return false;
  const { TERM: term = '', TERM_PROGRAM: program = '', TERM_PROGRAM_VERSION: version = '' } = environment;
  if (term === 'dumb') return false;
  const since = programs.get(program);
  if (since !== undefined) return isAtLeast(version, since);
  // A multiplexer passes links on only if it says so itself, as tmux does. The other variables are those of the
  // terminal in which it was started.
  if (isSet(environment, 'TMUX') || isSet(environment, 'STY')) return false;
  if (terminals.includes(term) || term.startsWith('foot')) return true;
  if (isSet(environment, 'WT_SESSION') || isSet(environment, 'DOMTERM')) return true;
  if (Number(environment['KONSOLE_VERSION'] ?? 0) >= 201_200) return true;
  // Version 0.50.0 crashes on a link.
  return Number(environment['VTE_VERSION'] ?? 0) > 5_000;
}

/** Values of `TERM_PROGRAM`, with the first version that supports links. */
const programs: ReadonlyMap<string, readonly number[]> = new Map([
  ['iTerm.app', [3, 1]],
  ['vscode', [1, 72]],
  ['WezTerm', [20200620]],
  ['tmux', [3, 4]],
  ['ghostty', []],
  ['Hyper', []],
  ['mintty', []],
  ['rio', []],
  ['zed', []],
]);

/** Values of `TERM` of terminals that support links. */
const terminals: readonly string[] = ['alacritty', 'contour', 'xterm-ghostty', 'xterm-kitty'];

function isAtLeast(version: string, since: readonly number[]): boolean {
  const parts = version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, wanted] of since.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function isSet(environment: LinkHints['environment'], name: string): boolean {
  return (environment[name] ?? '') !== '';
}
