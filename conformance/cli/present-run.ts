import type { RunSettings } from '../engine/result.ts';
import type { ExitCode } from '../judge/verdict.ts';
import { type KnownFailuresInput, writeKnownFailuresFile } from '../plan/known-failures-files.ts';
import { makeLinks, wantsLinks } from '../report/links.ts';
import { makePalette, wantsColour } from '../report/palette.ts';
import { QuietReporter } from '../report/quiet.ts';
import type { Report } from '../report/report.ts';
import { type RunReporter, TerminalReporter } from '../report/terminal.ts';
import type { CommandContext } from './command-context.ts';
import { deliverReports } from './deliver-reports.ts';
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
  work: (reporter: RunReporter) => Promise<Report>,
): Promise<ExitCode> {
  const { output, environment, tool } = context;
  const colour = wantsColour({ option: request.colour, environment, isTTY: output.isTTY });
  const palette = makePalette(colour);
  using reporter = request.quiet
    ? new QuietReporter(output, palette)
    : new TerminalReporter({
        output,
        tool,
        palette,
        links: makeLinks(wantsLinks({ environment, isTTY: output.isTTY })),
        verbose: request.verbose,
        level: settings.level,
        transport: settings.transport,
        shard: settings.shard,
        failedBefore,
      });
  const report = await withoutCommands(context, async () => {
    reporter.starting(label);
    const whole = await work(reporter);
    reporter.finish(whole);
    return whole;
  });
  const published = await deliverReports(report, request, context);
  const kept =
    report.kind === 'no-target' ||
    (await writeKnownFailuresFile(writeKnownFailures, { run: report.run, failures }, context));
  const exitCode = report.kind === 'run' ? report.verdict.exitCode : 3;
  return exitCode === 0 && !(published && kept) ? 2 : exitCode;
}
