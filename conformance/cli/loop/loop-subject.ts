import type { RememberedTarget } from '../../plan/last-outcome.ts';
import type { Report } from '../../report/report.ts';
import type { CommandContext } from '../command-context.ts';
import type { WatchedThings } from '../watch/watched-things.ts';

/** The cases to run among the selected ones. */
export interface CaseChoice {
  /** Run only these. Default: all selected cases. */
  readonly only?: ReadonlySet<string>;
  /** Begin with these. */
  readonly first?: ReadonlySet<string>;
}

/** A target with its name, if the command has several. */
export interface LoopTarget extends RememberedTarget {
  readonly name?: string;
}

/** Called with the report of each target, before it is printed. Throws if the report must not be printed. */
export type OnReport = (target: LoopTarget, report: Report) => Promise<void>;

/** A command that runs cases on one or more targets, once or after each change. */
export interface LoopSubject {
  /** Description of the targets for people. */
  readonly label: string;
  readonly targets: readonly LoopTarget[];
  /** Returns what `--watch` watches. */
  readonly watched: () => Promise<WatchedThings>;
  /** Runs the cases and prints a report. @returns the exit code */
  readonly run: (choice: CaseChoice, context: CommandContext, onReport: OnReport) => Promise<number>;
}
