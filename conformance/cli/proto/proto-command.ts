import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../base/package.ts';
import { publish } from '../../formats/publish.ts';
import type { ExitCode } from '../../judge/verdict.ts';
import { matrixLines } from '../../matrix/terminal.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { bufPlaces, findBuf } from '../../proto-check/buf.ts';
import { checkModule, type ModuleCheck } from '../../proto-check/proto-check.ts';
import { judgeProto, type ProtoReport } from '../../proto-check/report.ts';
import { protoLines } from '../../proto-check/terminal.ts';
import { makePalette, wantsColour } from '../../report/palette.ts';
import type { CommandContext } from '../command-context.ts';
import { parseWords, quietCommand, text } from '../command-parts.ts';
import { addTargetOptions, type WrittenTargetOptions } from '../matrix/command-line.ts';
import { type MatrixPlan, makeMatrixPlan } from '../matrix/plan.ts';
import { MatrixProgress } from '../matrix/progress.ts';
import { runTargets } from '../matrix/run-targets.ts';
import { withoutCommands } from '../workflow-commands.ts';
import { measureImplementations } from './measure.ts';

interface WrittenOptions extends WrittenTargetOptions {
  readonly against?: string;
  readonly proto?: string;
  readonly modulesOnly?: true;
}

const embedded = [
  { name: 'embedded', target: { kind: 'embedded', catalog: 'conformance' }, capabilities: [] },
] as const;

/**
 * `proto check --against REF|FILE`: whether a change of the contract's module is compatible, and whom it touches.
 * @param words what follows the verb
 * @throws UsageError, ProtoCheckError and what `makeMatrixPlan` throws
 */
export async function protoCommand(words: readonly string[], context: CommandContext): Promise<ExitCode> {
  const [action, ...rest] = words;
  if (action !== 'check' && action !== '--help') {
    throw new UsageError(
      `write proto check --against REF|FILE${action === undefined ? '' : `, not proto ${action}`}`,
    );
  }
  const command = makeCommand();
  const parsed = parseWords(command, action === '--help' ? words : rest);
  if (parsed.kind === 'text') {
    context.output.write(parsed.text);
    return 0;
  }
  const written = command.opts<WrittenOptions>();
  if (written.against === undefined) {
    throw new UsageError(
      'proto check needs --against: a git ref, or a file or folder with what the module was',
    );
  }
  const plan = await makeMatrixPlan(written, { fallback: embedded });
  const { environment, signal } = context;
  const started = performance.now();
  const check = await checkModule({
    proto: written.proto ?? (await defaultProto()),
    against: written.against,
    buf: await findBuf(bufPlaces(process.cwd(), environment['PATH'] ?? '')),
    clauses: plan.suite.clauses,
    signal,
  });
  const report = await withoutCommands(context, () =>
    carryOut({ plan, check, started, withSuite: written.modulesOnly !== true }, context),
  );
  const published = await publish(report, plan.reports, context);
  const { exitCode } = report.verdict;
  return exitCode === 0 && !published ? 2 : exitCode;
}

function makeCommand(): ReturnType<typeof quietCommand> {
  const command = quietCommand(
    'mcp-runtime-conformance proto check',
    'Says whether a change of the proto module is compatible, and which clauses and implementations it touches.',
  );
  command.optionsGroup('Modules:');
  command.addOption(
    text('--against <ref or file>', 'what it was: a git ref, a .proto, an image or a folder'),
  );
  command.addOption(text('--proto <folder>', "the changed module (default: ./proto, else the kit's own)"));
  command.option('--modules-only', 'leave the suite out: lint, breaking and vectors alone');
  return addTargetOptions(command).addHelpText(
    'after',
    '\nWithout targets the suite runs on the reference runtime. Needs buf: the package @bufbuild/buf, or buf on the PATH.\n' +
      '\nExit code: 0 compatible, 1 not compatible, 2 wrong usage or files, 3 a target could not be tested.',
  );
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
  readonly check: ModuleCheck;
  readonly started: number;
  readonly withSuite: boolean;
}

async function carryOut(
  { plan, check, started, withSuite }: Work,
  context: CommandContext,
): Promise<ProtoReport> {
  const { output, environment, tool } = context;
  const palette = makePalette(wantsColour({ option: plan.colour, environment, isTTY: output.isTTY }));
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
  if (matrix !== undefined && (matrix.verdict.exitCode !== 0 || plan.verbose)) {
    progress.print(matrixLines(matrix, { palette, width, verbose: plan.verbose }));
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
