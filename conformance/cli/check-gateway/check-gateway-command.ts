import { resolve } from 'node:path';
import { packageRoot } from '../../../base/package.ts';
import { checkWritable } from '../../../base/write-file.ts';
import { RunnerError } from '../../../runners/runner.ts';
import type { GatewayCase } from '../../case/gateway-case.ts';
import type { Facilities } from '../../drivers/gateway/check-run.ts';
import { checkGateway } from '../../drivers/gateway/run-checks.ts';
import { TargetError } from '../../engine/options.ts';
import type { RunResult, RunSettings } from '../../engine/result.ts';
import { judge } from '../../judge/verdict.ts';
import { loadClauses } from '../../load/clauses.ts';
import { loadGatewayCases } from '../../load/load.ts';
import { type KnownFailuresInput, readKnownFailuresFiles } from '../../plan/known-failures-files.ts';
import { selectCases } from '../../plan/select-cases.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { Report } from '../../report/report.ts';
import type { TerminalReporter } from '../../report/terminal.ts';
import type { CommandContext } from '../command-context.ts';
import { renderList } from '../list.ts';
import { presentRun } from '../present-run.ts';
import { quote } from '../rerun.ts';
import type { VerbAction } from '../verbs.ts';
import {
  type CheckGatewayRequest,
  type GatewayTarget,
  parseCheckGatewayOptions,
} from './check-gateway-options.ts';
import { makeStartableGateway } from './start-gateway.ts';

/** A run with everything that had to be found out before it. */
interface Plan {
  readonly request: CheckGatewayRequest;
  readonly clauses: Awaited<ReturnType<typeof loadClauses>>;
  readonly cases: readonly GatewayCase[];
  readonly settings: RunSettings;
  readonly failures: KnownFailuresInput;
}

/** Holds a gateway against its chapter of the contract and tells the outcome. */
export const checkGatewayCommand: VerbAction = async (words, context) => {
  const invocation = parseCheckGatewayOptions(words, context.environment);
  if (invocation.kind === 'text') {
    context.output.write(invocation.text);
    return 0;
  }
  const clauses = await loadClauses(packageRoot());
  const all = await loadGatewayCases(clauses);
  const select = (chosen: Pick<CheckGatewayRequest, 'suites' | 'cases'>) =>
    selectCases(all, { level: 'strict', capabilities: [], suites: chosen.suites, cases: chosen.cases });
  if (invocation.kind === 'explain') {
    const { explainIn } = await import('../explain.ts');
    context.output.write(explainIn({ cases: all, clauses }, invocation.subject));
    return 0;
  }
  if (invocation.kind === 'list') {
    context.output.write(renderList(select(invocation)));
    return 0;
  }
  const { request } = invocation;
  const cases = select(request);
  const failures = await readKnownFailuresFiles(request, new Set(all.map(({ id }) => id)));
  for (const { path } of request.reports) await checkWritable(path);
  const settings: RunSettings = {
    level: 'gateway',
    capabilities: [],
    narrowed: request.suites.length > 0 || request.cases.length > 0,
    failOnSkip: request.failOnSkip,
  };
  const plan: Plan = { request, clauses, cases, settings, failures };
  return presentRun({ ...plan, label: labelOf(request.target) }, context, (reporter) =>
    reportOf(plan, reporter, context),
  );
};

async function reportOf(plan: Plan, reporter: TerminalReporter, context: CommandContext): Promise<Report> {
  const { request, clauses, settings } = plan;
  const startedAt = Date.now();
  try {
    const run = await runOnGateway(plan, reporter, context);
    return {
      kind: 'run',
      tool: context.tool,
      run,
      verdict: judge(run),
      clauses,
      rerun: (caseId) => rerunCommand(request, caseId),
    };
  } catch (error) {
    return {
      kind: 'no-target',
      tool: context.tool,
      target: { label: labelOf(request.target), kind: 'gateway' },
      settings,
      startedAt,
      durationMs: Date.now() - startedAt,
      error: reasonOf(error, context.signal),
    };
  }
}

async function runOnGateway(
  plan: Plan,
  reporter: TerminalReporter,
  context: CommandContext,
): Promise<RunResult> {
  const { request, cases, settings, failures } = plan;
  const { target } = request;
  await using gateway = target.kind === 'command' ? await makeStartableGateway(target) : undefined;
  const place = gateway ?? (target as Extract<GatewayTarget, { kind: 'url' }>);
  const { signal } = context;
  return await checkGateway({
    label: labelOf(target),
    socketPath: resolve(place.socketPath),
    facilities: facilitiesOf(request, place.url),
    cases,
    settings,
    caseTimeoutMs: request.caseTimeoutMs,
    readyTimeoutMs: request.readyTimeoutMs,
    bail: request.bail,
    keepWire: request.verbose,
    knownFailures: failures.known,
    signal,
    listener: reporter,
    ...(gateway === undefined ? {} : { ended: gateway.ended, start: () => gateway.start(signal) }),
  });
}

function facilitiesOf(request: CheckGatewayRequest, url: URL): Facilities {
  const { bearer, otherBearer, expiredBearer, identity, otherIdentity, hasFallback } = request;
  return {
    url,
    fields: request.headers.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    }),
    hasFallback,
    bearer,
    otherBearer,
    expiredBearer,
    identity,
    otherIdentity,
  };
}

/** @throws UsageError for an option that cannot be carried out, and whatever else is no fault of the gateway */
function reasonOf(
  error: unknown,
  signal: AbortSignal,
): Pick<TargetError, 'code' | 'message' | 'advice' | 'logs'> {
  if (signal.aborted) {
    return { code: 'interrupted', message: 'The run was interrupted.', advice: '', logs: [] };
  }
  if (error instanceof RunnerError) {
    const { code, message, advice } = error;
    if (code === 'bad-option') throw new UsageError(`${message} ${advice}`);
    return { code, message, advice, logs: [] };
  }
  if (error instanceof TargetError) return error;
  throw error;
}

function labelOf(target: GatewayTarget): string {
  return target.kind === 'command'
    ? `gateway ${[target.command, ...target.args].join(' ')}`
    : `gateway ${target.url.origin}, its runtime played at ${target.socketPath}`;
}

/** The command, for a POSIX shell, that runs one case again; tokens come from the environment. */
function rerunCommand({ written, target }: CheckGatewayRequest, caseId: string): string {
  const words = ['npx', 'mcp-runtime-conformance', 'check-gateway', ...written, '--case', caseId];
  const args = target.kind === 'command' && target.args.length > 0 ? ['--', ...target.args] : [];
  return [...words, ...args].map(quote).join(' ');
}
