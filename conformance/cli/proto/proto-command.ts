import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../base/package.ts';
import { checkWritable } from '../../../base/write-file.ts';
import { defaultTarget } from '../../../runners/kinds.ts';
import { publish } from '../../formats/publish.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { runTargets } from '../../matrix/run-targets.ts';
import { matrixLines } from '../../matrix/terminal.ts';
import { type MatrixPlan, makeMatrixPlan } from '../../plan/matrix-plan.ts';
import { bufPlaces, findBuf } from '../../proto-check/buf.ts';
import { checkModule, type ModuleCheck } from '../../proto-check/proto-check.ts';
import { judgeProto, type ProtoReport } from '../../proto-check/report.ts';
import { protoLines } from '../../proto-check/terminal.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import type { CommandContext } from '../command-context.ts';
import { MatrixProgress } from '../matrix/progress.ts';
import type { OutputRequest } from '../option-groups.ts';
import { withoutCommands } from '../workflow-commands.ts';
import { measureImplementations } from './measure.ts';
import type { ProtoInvocation } from './proto-options.ts';

/**
 * Checks whether a change of the contract's module is compatible, and whom it touches.
 * @throws UsageError, ProtoCheckError and what `makeMatrixPlan` throws
 */
export async function protoCommand(
  { request, output, against, proto, modulesOnly }: ProtoInvocation,
  context: CommandContext,
): Promise<ExitCode> {
  const fallback = [{ name: defaultTarget.kind, target: defaultTarget }];
  const plan = await makeMatrixPlan(request, { fallback });
  for (const { path } of output.reports) await checkWritable(path);
  const { environment, signal } = context;
  const started = performance.now();
  const check = await checkModule({
    proto: proto ?? (await defaultProto()),
    against,
    buf: await findBuf(bufPlaces(process.cwd(), environment['PATH'] ?? '')),
    clauses: plan.suite.clauses,
    signal,
  });
  const report = await withoutCommands(context, () =>
    carryOut({ plan, output, check, started, withSuite: !modulesOnly }, context),
  );
  const published = await publish(report, output.reports, context);
  const { exitCode } = report.verdict;
  return exitCode === 0 && !published ? 2 : exitCode;
}

async function defaultProto(): Promise<string> {
  const isFolder = await stat('proto').then(
    (info) => info.isDirectory(),
    () => false,
  );
  return isFolder ? 'proto' : join(packageRoot(), 'proto');
}

interface Work {
  readonly plan: MatrixPlan;
  readonly output: OutputRequest;
  readonly check: ModuleCheck;
  readonly started: number;
  readonly withSuite: boolean;
}

async function carryOut(
  { plan, output: wanted, check, started, withSuite }: Work,
  context: CommandContext,
): Promise<ProtoReport> {
  const { output, environment, tool } = context;
  const palette = makePalette(wantsColour({ option: wanted.colour, environment, isTTY: output.isTTY }));
  const width = Math.min(output.columns ?? 100, 110);
  using progress = new MatrixProgress(
    output,
    palette,
    plan.targets.map(({ name }) => name),
  );
  progress.print([
    `${palette.strong(tool.name)} ${tool.version} · proto check of ${check.module} against ${check.against}`,
    ...(withSuite ? [''] : []),
  ]);
  const matrix = withSuite ? await runTargets(plan, progress, context) : undefined;
  if (matrix !== undefined && (matrix.verdict.exitCode !== 0 || wanted.verbose)) {
    progress.print(matrixLines(matrix, { palette, width, verbose: wanted.verbose }));
  }
  const measured = await measureImplementations({ plan, check, matrix, progress }, context);
  const facts = {
    kind: 'proto-check',
    tool,
    check,
    matrix,
    ...measured,
    durationMs: performance.now() - started,
  } as const;
  const report: ProtoReport = { ...facts, verdict: judgeProto(facts) };
  progress.print(protoLines(report, { palette, width }));
  return report;
}
