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

/** How a run is told, whatever is checked in it. */
export interface Presentation {
  /** What is checked, for people. */
  readonly label: string;
  readonly settings: RunSettings;
  readonly failures: KnownFailuresInput;
  readonly output: OutputRequest;
  /** The file to write this run's failures to. */
  readonly writeKnownFailures?: string;
}

/**
 * Shows a run while it goes on and how it ended, and writes what was asked for.
 * @param work carries the run out, and tells the reporter of it
 */
export async function presentRun(
  { label, settings, failures, output: request, writeKnownFailures }: Presentation,
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
