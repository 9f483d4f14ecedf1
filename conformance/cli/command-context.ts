import type { Output } from '../report/live-line.ts';
import type { Tool } from '../report/report.ts';
import type { KeySource } from './watch/terminal-keys.ts';

/** The process environment of a command. */
export interface CommandContext {
  readonly tool: Tool;
  readonly output: Output;
  /** Prints an error or a warning for people. The message has no trailing newline. */
  readonly warn: (message: string) => void;
  /** The keys of the terminal. Undefined if input or output is not a terminal. */
  readonly keys?: KeySource;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted when the run must end early. */
  readonly signal: AbortSignal;
  /** Called by a command that runs until a signal ends it, so that the signal does not count as an interruption. */
  readonly expectSignal: () => void;
  /** Opens a file in the program that the desktop has for it. @throws OpenFileError */
  readonly openFile: (path: string) => Promise<void>;
  /** Returns the path of a page that is opened but not kept. It is the same in every call. */
  readonly temporaryPage: () => Promise<string>;
}
