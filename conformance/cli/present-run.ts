import type { RunSettings } from '../engine/result.ts';
import { publish } from '../formats/publish.ts';
import type { ExitCode } from '../judge/verdict.ts';
import { type KnownFailuresInput, writeKnownFailuresFile } from '../plan/known-failures-files.ts';
import { makePalette, wantsColour } from '../report/palette.ts';
import type { Report } from '../report/report.ts';
import { TerminalReporter } from '../report/terminal.ts';
import type { CommandContext } from './command-context.ts';
import type { OutputRequest } from './option-groups.ts';
import { withoutCommands } from './workflow-commands.ts';

/** The presentation of a run, for any kind of target. */
export interface Presentation {
  /** Description of the target for people. */
  readonly label: string;
  readonly settings: RunSettings;
  readonly failures: KnownFailuresInput;
  readonly output: OutputRequest;
  /** Path to write the failures of this run to. */
  readonly writeKnownFailures?: string;
  /** Ids of the cases that failed last. The reporter prints their outcome as soon as they have ended. */
  readonly failedBefore?: ReadonlySet<string>;
}

/**
 * Prints a run as it progresses and its report, and writes the requested files.
 * @param work performs the run and notifies the reporter
 */
export async function presentRun(
  { label, settings, failures, output: request, writeKnownFailures, failedBefore }: Presentation,
  context: CommandContext,
  work: (reporter: TerminalReporter) => Promise<Report>,
): Promise<ExitCode> {
  const { output, environment, tool } = context;
  const colour = wantsColour({ option: request.colour, environment, isTTY: output.isTTY });
  using reporter = new TerminalReporter({
    output,
    tool,
    palette: makePalette(colour),
    verbose: request.verbose,
    level: settings.level,
    shard: settings.shard,
    failedBefore,
  });
  const report = await withoutCommands(context, async () => {
    reporter.starting(label);
    const whole = await work(reporter);
    reporter.finish(whole);
    return whole;
  });
  const published = await publish(report, request.reports, context);
  const kept =
    report.kind === 'no-target' ||
    (await writeKnownFailuresFile(writeKnownFailures, { run: report.run, failures }, context));
  const exitCode = report.kind === 'run' ? report.verdict.exitCode : 3;
  return exitCode === 0 && !(published && kept) ? 2 : exitCode;
}
