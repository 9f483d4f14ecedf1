import { packageRoot } from '../../../base/package.ts';
import { checkWritable } from '../../../base/write-file.ts';
import { shellCommand } from '../../../runners/exit-cleanup.ts';
import { checkGatewayTarget, describeGateway, type GatewayPlan } from '../../check/check-gateway-target.ts';
import { loadClauses } from '../../load/clauses.ts';
import { loadGatewayCases } from '../../load/load.ts';
import { readKnownFailuresFiles } from '../../plan/known-failures-files.ts';
import { selectCases } from '../../plan/select-cases.ts';
import type { CommandContext } from '../command-context.ts';
import { inRelease, renderList } from '../list.ts';
import { presentRun } from '../present-run.ts';
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
  const { level, contract, suites, cases: globs } = selection;
  const cases = selectCases(all, { level, capabilities: [], suites, cases: globs });
  if (invocation.kind === 'list') {
    context.output.write(renderList(inRelease(cases, contract)));
    return 0;
  }
  const { request } = invocation;
  const { target, output, failOnSkip, writeKnownFailures } = request;
  const { facilities, bail, caseTimeoutMs, readyTimeoutMs } = request;
  const failures = await readKnownFailuresFiles(request, new Set(all.map(({ id }) => id)));
  for (const { path } of output.reports) await checkWritable(path);
  const narrowed = suites.length > 0 || globs.length > 0;
  const settings = { level, contract, capabilities: [], narrowed, failOnSkip } as const;
  const plan: GatewayPlan = {
    target,
    facilities,
    clauses,
    cases,
    settings,
    failures,
    caseTimeoutMs,
    readyTimeoutMs,
    bail,
    keepWire: output.verbose,
    rerun: (caseId) => rerunCommand(request, caseId),
  };
  return presentRun(
    { label: describeGateway(target), settings, failures, output, writeKnownFailures },
    context,
    (listener) => checkGatewayTarget(plan, { ...context, listener }),
  );
}

/** Returns the POSIX shell command that reruns one case. It takes tokens from the environment. */
function rerunCommand({ written, target }: CheckGatewayRequest, caseId: string): string {
  const words = ['npx', 'mcp-runtime-conformance', 'check-gateway', ...written, '--case', caseId];
  const args = target.kind === 'command' && target.args.length > 0 ? ['--', ...target.args] : [];
  return shellCommand([...words, ...args]);
}
