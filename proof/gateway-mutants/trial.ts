import type { GatewayCase } from '../../conformance/case/gateway-case.ts';
import { checkGateway } from '../../conformance/drivers/gateway/check-gateway.ts';
import { TargetError } from '../../conformance/engine/options.ts';
import type { RunResult } from '../../conformance/engine/result.ts';
import { judge } from '../../conformance/judge/verdict.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import type { Trial } from '../mutants/matrix.ts';
import type { Callers } from './callers.ts';
import type { GatewayMutant } from './gateway-mutant.ts';
import { hostGateway } from './host.ts';

/** How a run against one gateway is cut short: what a fault delays is a failure. */
export interface TrialOptions {
  readonly cases: readonly GatewayCase[];
  readonly callers: Callers;
  /** Holds a mutant against the cases that name its clause alone. */
  readonly ownClauseOnly: boolean;
  readonly caseTimeoutMs: number;
  readonly signal: AbortSignal;
}

async function run(
  mutant: GatewayMutant | undefined,
  cases: readonly GatewayCase[],
  { callers, caseTimeoutMs, signal }: TrialOptions,
): Promise<RunResult> {
  await using place = await makeFolderPlace();
  await using gateway = await hostGateway(mutant, {
    socketPath: place.hostPath,
    authenticator: callers.authenticator,
  });
  return await checkGateway({
    label: mutant?.name ?? 'our gateway',
    socketPath: place.hostPath,
    facilities: { ...callers.facilities, url: gateway.url },
    cases,
    settings: { level: 'gateway', capabilities: [], narrowed: false, failOnSkip: true },
    caseTimeoutMs,
    readyTimeoutMs: 3000,
    bail: false,
    keepWire: false,
    knownFailures: new Map(),
    signal,
    listener: {},
  });
}

/** Holds our gateway as it is against all cases. Resolves to what it failed at. */
export async function tryUntouched(options: TrialOptions): Promise<readonly string[]> {
  const result = await run(undefined, options.cases, options);
  const failed = failuresOf(result);
  return failed.length === 0 && judge(result).exitCode !== 0 ? [judge(result).sentence] : failed;
}

/** Holds one mutant against its cases. */
export async function tryMutant(mutant: GatewayMutant, options: TrialOptions): Promise<Trial> {
  const startedAt = performance.now();
  const { name, clause, about } = mutant;
  const since = () => Math.round(performance.now() - startedAt);
  const cases = options.cases.filter(({ clauses }) => !options.ownClauseOnly || clauses.includes(clause));
  try {
    const result = await run(mutant, cases, options);
    return { mutant: { name, clause, about }, caughtBy: failuresOf(result), durationMs: since() };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { mutant: { name, clause, about }, caughtBy: [], neverReady: error.message, durationMs: since() };
  }
}

function failuresOf({ results }: RunResult): string[] {
  return results.filter(({ outcome }) => outcome.kind === 'failed').map((result) => result.case.id);
}
