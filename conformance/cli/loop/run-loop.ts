import { LastOutcomes, outcomeFolder } from '../../plan/last-outcome.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { CommandContext } from '../command-context.ts';
import type { LoopRequest } from './loop-options.ts';
import type { LoopSubject, OnReport } from './loop-subject.ts';

/**
 * Runs the cases once or, with `--watch`, after each change, and remembers which cases failed.
 * @returns the exit code of the last run
 * @throws UsageError if no earlier run is known or nothing can be watched. Any error of the first run
 */
export async function runLoop(
  subject: LoopSubject,
  loop: LoopRequest,
  context: CommandContext,
): Promise<number> {
  const outcomes = new LastOutcomes(outcomeFolder(context.environment, process.platform));
  const remember: OnReport = async ({ words, folder }, report) => {
    if (report.kind === 'run') await outcomes.remember({ words, folder }, report.run);
  };
  const failed = () => failedIn(subject, outcomes);
  if (loop.watch) {
    const { watchRuns } = await import('../watch/watch-runs.ts');
    return watchRuns(subject, { loop, remember, failed }, context);
  }
  if (!loop.failed) return subject.run({}, context, remember);
  const only = await failed();
  if (only.size > 0) return subject.run({ only }, context, remember);
  context.output.write(
    `no case of ${subject.label} failed in its last run in this folder; run without --failed to run all cases\n`,
  );
  return 0;
}

/**
 * Returns the cases that failed last on any of the targets.
 * @throws UsageError if no run of the targets is known
 */
async function failedIn(
  { label, targets }: LoopSubject,
  outcomes: LastOutcomes,
): Promise<ReadonlySet<string>> {
  const sets = await Promise.all(targets.map((target) => outcomes.failed(target)));
  const known = sets.filter((set) => set !== undefined);
  if (known.length > 0) return new Set(known.flatMap((set) => [...set]));
  throw new UsageError(
    `--failed: no earlier run of ${label} in this folder is known; run it once without --failed`,
  );
}
