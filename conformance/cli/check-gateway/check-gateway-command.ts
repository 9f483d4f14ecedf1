import { packageRoot } from '../../../base/package.ts';
import { checkWritable } from '../../../base/write-file.ts';
import { splitCommand } from '../../../runners/command/split-command.ts';
import { shellCommand } from '../../../runners/exit-cleanup.ts';
import type { GatewayCase } from '../../case/gateway-case.ts';
import {
  checkGatewayTarget,
  describeGateway,
  type GatewayPlan,
  type GatewayTarget,
} from '../../check/check-gateway-target.ts';
import { evidenceFor } from '../../formats/index.ts';
import { loadClauses } from '../../load/clauses.ts';
import { loadGatewayCases } from '../../load/load.ts';
import { readKnownFailuresFiles } from '../../plan/known-failures-files.ts';
import { selectCases, withOnly } from '../../plan/select-cases.ts';
import type { CommandContext } from '../command-context.ts';
import { applicable, renderList } from '../list.ts';
import type { CaseChoice, LoopSubject } from '../loop/loop-subject.ts';
import { runLoop } from '../loop/run-loop.ts';
import { type Presentation, presentRun } from '../present-run.ts';
import type { CheckGatewayInvocation, CheckGatewayRequest } from './check-gateway-options.ts';

/** Checks a gateway against the gateway chapter and prints the report. @returns the exit code */
export async function checkGatewayCommand(
  invocation: CheckGatewayInvocation,
  context: CommandContext,
): Promise<number> {
  const clauses = await loadClauses(packageRoot());
  const all = await loadGatewayCases(clauses);
  if (invocation.kind === 'explain') {
    const { explainIn } = await import('../explain.ts');
    context.output.write(explainIn({ cases: all, clauses }, invocation.subject));
    return 0;
  }
  const selection = invocation.kind === 'list' ? invocation.selection : invocation.request;
  const { level, suites, cases: globs } = selection;
  const cases = selectCases(all, { level, capabilities: [], suites, cases: globs });
  if (invocation.kind === 'list') {
    context.output.write(renderList(applicable(cases, selection)));
    return 0;
  }
  const { request } = invocation;
  const { target, written, knownFailures, loop } = request;
  const remembered = { words: ['check-gateway', ...written, ...argumentsOf(target)], folder: process.cwd() };
  const subject: LoopSubject = {
    label: describeGateway(target),
    targets: [remembered],
    watched: async () => {
      const { watchedOf } = await import('../watch/watched-of.ts');
      const parts = target.kind === 'command' ? [{ command: wordsOf(target) }] : [];
      const files = knownFailures === undefined ? [] : [knownFailures];
      return watchedOf(parts, { paths: loop.watchPaths, files, folders: [] });
    },
    run: async (choice, runContext, onReport) => {
      const selected = withOnly(cases, choice.only);
      const check = await planOf(request, { all, selected, clauses, choice });
      return presentRun(check.presentation, runContext, async (listener) => {
        const report = await checkGatewayTarget(check.plan, { ...runContext, listener });
        await onReport(remembered, report);
        return report;
      });
    },
  };
  return runLoop(subject, loop, context);
}

/** The cases of a run. */
interface Cases extends Pick<GatewayPlan, 'clauses'> {
  readonly all: readonly GatewayCase[];
  readonly selected: readonly GatewayCase[];
  readonly choice: CaseChoice;
}

/** Plans a run and its presentation. @throws KnownFailuresError, UnwritableFileError */
async function planOf(
  request: CheckGatewayRequest,
  { all, selected, clauses, choice }: Cases,
): Promise<{ readonly plan: GatewayPlan; readonly presentation: Presentation }> {
  const { target, output, failOnSkip, writeKnownFailures, repeat, suites, cases: globs } = request;
  const { level, contract, era, facilities, bail, caseTimeoutMs, readyTimeoutMs } = request;
  const failures = await readKnownFailuresFiles(request, new Set(all.map(({ id }) => id)));
  for (const { path } of output.reports) await checkWritable(path);
  const narrowed = suites.length > 0 || globs.length > 0 || choice.only !== undefined;
  const repeated = repeat === undefined || repeat === 1 ? {} : { repeat };
  const settings = { level, contract, era, capabilities: [], narrowed, failOnSkip, ...repeated } as const;
  const plan: GatewayPlan = {
    target,
    facilities,
    clauses,
    cases: selected,
    settings,
    failures,
    caseTimeoutMs,
    readyTimeoutMs,
    bail,
    first: choice.first,
    keepWire: output.verbose,
    ...evidenceFor(output.reports),
    rerun: (caseId) => rerunCommand(request, caseId),
  };
  const label = describeGateway(target);
  return {
    plan,
    presentation: { label, settings, failures, output, writeKnownFailures, failedBefore: choice.first },
  };
}

/** Returns the words of the command, with its placeholders. */
function wordsOf({ command, args }: Extract<GatewayTarget, { kind: 'command' }>): readonly string[] {
  return [...splitCommand(command), ...args];
}

function argumentsOf(target: GatewayTarget): readonly string[] {
  return target.kind === 'command' && target.args.length > 0 ? ['--', ...target.args] : [];
}

/** Returns the POSIX shell command that reruns one case, or all. It takes tokens from the environment. */
function rerunCommand({ written, target }: CheckGatewayRequest, caseId?: string): string {
  const one = caseId === undefined ? [] : ['--case', caseId];
  const words = ['npx', 'mcp-runtime-conformance', 'check-gateway', ...written, ...one];
  return shellCommand([...words, ...argumentsOf(target)]);
}
