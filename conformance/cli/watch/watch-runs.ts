import { firstOf } from '../../text/text.ts';
import type { CommandContext } from '../command-context.ts';
import { explainError } from '../explain-error.ts';
import type { LoopRequest } from '../loop/loop-options.ts';
import type { CaseChoice, LoopSubject, OnReport } from '../loop/loop-subject.ts';
import { Changes } from './changes.ts';
import { ProgressBetweenRuns } from './progress-between-runs.ts';
import { describeThings, startWatching } from './start-watching.ts';

/** After this number of runs that a change ended, the next run finishes first. */
const maxEndedEarly = 3;

/** Thrown out of a run that a change or a key ended, so that it prints no report. */
class EndedEarlyError extends Error {
  override readonly name = 'EndedEarlyError';
  readonly code = 'ended-early';
}

/** How a watch remembers outcomes. */
export interface WatchOptions {
  readonly loop: LoopRequest;
  readonly remember: OnReport;
  /** Returns the ids of the cases that failed last. @throws UsageError if no run is known */
  readonly failed: () => Promise<ReadonlySet<string>>;
}

/**
 * Runs the cases, and again after each change, until a signal or the key q. A change during a run ends the run.
 * @returns the exit code of the last run that finished
 * @throws UsageError, and any error of the first run
 */
export async function watchRuns(
  subject: LoopSubject,
  options: WatchOptions,
  context: CommandContext,
): Promise<number> {
  const things = await subject.watched();
  const { output, warn, keys } = context;
  const quit = new AbortController();
  const end = AbortSignal.any([context.signal, quit.signal]);
  using changes = new Changes();
  await using _watchers = await startWatching(things, { onChange: (name) => changes.note(name), warn });
  const session = new WatchSession(subject, options, { ...context, signal: end });
  using _keys = keys?.listen((key) => {
    if (key === 'q') quit.abort(new Error('the key q'));
    if (key === '\r' || key === '\n') changes.note('Enter');
    if (key === 'f') {
      session.onlyFailedNext = true;
      changes.note('f');
    }
  });
  const help = keys === undefined ? '' : ' · Enter: all cases, f: failed cases, q: quit';
  while (!end.aborted) {
    const finished = await session.run(changes);
    if (finished && !end.aborted) {
      context.expectSignal();
      output.write(`\nwatching ${describeThings(things)}${help}\n`);
    }
    await changes.settled(end);
    if (!end.aborted) output.write(`\n${headingOf(changes.take())}\n\n`);
  }
  return session.exitCode;
}

function headingOf(names: readonly string[]): string {
  const changed = names.filter((name) => !keyNames.has(name));
  if (changed.length > 0) return `changed: ${firstOf(changed, 5)}`;
  return names.includes('f') ? 'running the failed cases' : 'running again';
}

const keyNames: ReadonlySet<string> = new Set(['Enter', 'f']);

/** The runs of a watch. */
class WatchSession {
  readonly #subject: LoopSubject;
  readonly #options: WatchOptions;
  readonly #context: CommandContext;
  readonly #progress = new ProgressBetweenRuns();
  #runs = 0;
  /** Number of consecutive runs that a change ended. */
  #endedEarly = 0;
  /** Whether the next run has only the failed cases. */
  onlyFailedNext = false;
  /** The exit code of the last run that finished. Before that, the code for a target without a verdict. */
  exitCode = 3;

  constructor(subject: LoopSubject, options: WatchOptions, context: CommandContext) {
    this.#subject = subject;
    this.#options = options;
    this.#context = context;
  }

  /**
   * Runs the cases once.
   * @returns whether the run finished. If not, a change or the end of the watch ended it
   */
  async run(changes: Changes): Promise<boolean> {
    const choice = await this.#choice();
    this.#runs += 1;
    const change = new AbortController();
    const over = new AbortController();
    const { signal } = this.#context;
    const running = this.#perform(choice, AbortSignal.any([signal, change.signal]));
    if (this.#endedEarly < maxEndedEarly) {
      void changes.settled(AbortSignal.any([signal, over.signal])).then(() => {
        if (!over.signal.aborted) change.abort(new Error('a watched file changed'));
      });
    }
    const finished = await running.finally(() => over.abort());
    this.#endedEarly = finished ? 0 : this.#endedEarly + 1;
    return finished;
  }

  async #choice(): Promise<CaseChoice> {
    const { loop, failed } = this.#options;
    const isFirst = this.#runs === 0;
    const onlyFailed = loop.failed || this.onlyFailedNext;
    this.onlyFailedNext = false;
    if (isFirst && onlyFailed) return only(await failed());
    const failing = isFirst ? await failed().catch(() => new Set<string>()) : this.#progress.failing();
    return onlyFailed ? only(failing) : { first: failing };
  }

  async #perform(choice: CaseChoice, signal: AbortSignal): Promise<boolean> {
    const { output, warn, environment } = this.#context;
    this.#progress.begin();
    const onReport: OnReport = async (target, report) => {
      await this.#options.remember(target, report);
      this.#progress.add(report, target.name);
      if (signal.aborted) throw new EndedEarlyError();
    };
    try {
      this.exitCode = await this.#subject.run(choice, { ...this.#context, signal }, onReport);
    } catch (error) {
      if (error instanceof EndedEarlyError) return false;
      if (this.#runs === 1) throw error;
      // For example a fixture that is being edited.
      warn(explainError(error, environment));
      return true;
    }
    const lines = this.#progress.lines();
    if (lines.length > 0) output.write(`\n${lines.join('\n')}\n`);
    return true;
  }
}

/** Chooses the failed cases or, once none fails, all cases. */
function only(failed: ReadonlySet<string>): CaseChoice {
  return failed.size > 0 ? { only: failed } : {};
}
