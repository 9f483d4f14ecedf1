import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../base/package.ts';
import { checkWritable } from '../../../base/write-file.ts';
import { defaultTarget } from '../../../runners/kinds.ts';
import { evidenceFor } from '../../formats/index.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { runTargets } from '../../matrix/run-targets.ts';
import { matrixLines, quietMatrixLines } from '../../matrix/terminal.ts';
import { makeMatrixPlan } from '../../plan/matrix-plan.ts';
import { bufPlaces, findBuf } from '../../proto-check/buf.ts';
import { checkModule } from '../../proto-check/proto-check.ts';
import { judgeProto, type ProtoReport } from '../../proto-check/report.ts';
import { protoLines } from '../../proto-check/terminal.ts';
import { muted, widthOf } from '../../report/live-line.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import { quietVerdict } from '../../report/terminal-failure.ts';
import type { CommandContext } from '../command-context.ts';
import { deliverReports } from '../deliver-reports.ts';
import { MatrixProgress } from '../matrix/progress.ts';
import { withoutCommands } from '../workflow-commands.ts';
import { measureImplementations } from './measure.ts';
import type { ProtoInvocation } from './proto-options.ts';

/**
 * Checks whether a change to the proto module is compatible, and which callers it affects.
 * @throws UsageError, ProtoCheckError and the errors of `makeMatrixPlan`
 */
export async function protoCommand(
  { request, output: outputRequest, against, proto, modulesOnly }: ProtoInvocation,
  context: CommandContext,
): Promise<ExitCode> {
  const fallback = [{ name: defaultTarget.kind, target: defaultTarget }];
  const plan = await makeMatrixPlan({ ...request, ...evidenceFor(outputRequest) }, { fallback });
  for (const { path } of outputRequest.reports) await checkWritable(path);
  const { output, environment, signal, tool } = context;
  const started = performance.now();
  const check = await checkModule({
    proto: proto ?? (await defaultProto()),
    against,
    buf: await findBuf(bufPlaces(process.cwd(), environment['PATH'] ?? '')),
    clauses: plan.suite.clauses,
    signal,
  });
  const palette = makePalette(
    wantsColour({ option: outputRequest.colour, environment, isTTY: output.isTTY }),
  );
  const width = widthOf(output);
  const { quiet, verbose } = outputRequest;
  const printQuietly = (lines: readonly string[]) => quiet && output.write(`${lines.join('\n')}\n`);
  const report = await withoutCommands(context, async (): Promise<ProtoReport> => {
    using progress = new MatrixProgress(quiet ? muted(output) : output, palette, plan.targets);
    progress.print([
      `${palette.strong(tool.name)} ${tool.version} · proto check of ${check.module} against ${check.against}`,
      ...(modulesOnly ? [] : ['']),
    ]);
    const matrix = modulesOnly ? undefined : await runTargets(plan, progress, context);
    if (matrix !== undefined && (matrix.verdict.exitCode !== 0 || verbose)) {
      progress.print(matrixLines(matrix, { palette, width, verbose }));
      printQuietly(quietMatrixLines(matrix, { palette, width }));
    }
    const measured = await measureImplementations({ plan, check, matrix, progress }, context);
    const durationMs = performance.now() - started;
    const facts = { kind: 'proto-check', tool, check, matrix, ...measured, durationMs } as const;
    const whole = { ...facts, verdict: judgeProto(facts) };
    const lines = protoLines(whole, { palette, width });
    progress.print(lines);
    printQuietly(whole.verdict.exitCode === 0 ? [quietVerdict(whole.verdict, { palette, width })] : lines);
    return whole;
  });
  const published = await deliverReports(report, outputRequest, context);
  const { exitCode } = report.verdict;
  return exitCode === 0 && !published ? 2 : exitCode;
}

async function defaultProto(): Promise<string> {
  const info = await stat('proto').catch(() => undefined);
  return info?.isDirectory() ? 'proto' : join(packageRoot(), 'proto');
}
