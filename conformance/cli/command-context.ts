import type { Output } from '../report/live-line.ts';
import type { Tool } from '../report/report.ts';

/** What a command is given of the process it runs in. */
export interface CommandContext {
  readonly tool: Tool;
  readonly output: Output;
  /** Takes a message, without line end, for people: errors and warnings. */
  readonly warn: (message: string) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted when the run shall end early. */
  readonly signal: AbortSignal;
  /** Called by a command that goes on until a signal ends it: the signal is no interruption then. */
  readonly expectSignal: () => void;
}
