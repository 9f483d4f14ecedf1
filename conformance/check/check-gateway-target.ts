import { resolve } from 'node:path';
import type { GatewayCase } from '../case/gateway-case.ts';
import { checkGateway } from '../drivers/gateway/check-gateway.ts';
import type { Facilities } from '../drivers/gateway/facilities.ts';
import type { RunSettings } from '../engine/result.ts';
import type { Clauses } from '../load/clauses.ts';
import type { KnownFailuresInput } from '../plan/known-failures-files.ts';
import type { Report } from '../report/report.ts';
import { type CheckContext, reportOf } from './report-of.ts';
import { type GatewayCommand, makeStartableGateway } from './start-gateway.ts';

/** A gateway as it is reached. */
export type GatewayTarget =
  | { readonly kind: 'url'; readonly url: URL; readonly socketPath: string }
  /** The kit starts it and chooses what is left open. */
  | ({ readonly kind: 'command' } & GatewayCommand);

/** A run against a gateway with everything that had to be found out before it. */
export interface GatewayPlan {
  readonly target: GatewayTarget;
  /** The callers and what else the gateway offers. */
  readonly facilities: Omit<Facilities, 'url'>;
  readonly clauses: Clauses;
  readonly cases: readonly GatewayCase[];
  readonly settings: RunSettings;
  readonly failures: KnownFailuresInput;
  /** Limit of every case, in place of its own. */
  readonly caseTimeoutMs?: number;
  readonly readyTimeoutMs: number;
  /** Stop after the first failure. */
  readonly bail: boolean;
  /** Keep the events of passing cases too. */
  readonly keepWire: boolean;
  /** The command that runs one case again. */
  readonly rerun: (caseId: string) => string;
}

/**
 * Holds a gateway against its chapter of the contract and judges the run; a gateway that is a command is started and
 * ended. One that cannot be tested is a report, too.
 * @throws UsageError for a command that cannot be carried out
 */
export async function checkGatewayTarget(plan: GatewayPlan, context: CheckContext): Promise<Report> {
  const { target, facilities, clauses, failures, rerun, ...options } = plan;
  const label = describeGateway(target);
  const facts = { clauses, rerun, settings: plan.settings, target: { label, kind: 'gateway' } };
  return reportOf(facts, context, async () => {
    const { signal, listener = {} } = context;
    await using gateway = target.kind === 'command' ? await makeStartableGateway(target) : undefined;
    const place = gateway ?? (target as Extract<GatewayTarget, { kind: 'url' }>);
    return await checkGateway({
      ...options,
      label,
      socketPath: resolve(place.socketPath),
      facilities: { ...facilities, url: place.url },
      knownFailures: failures.known,
      signal,
      listener,
      ended: gateway?.ended,
      start: gateway && (() => gateway.start(signal)),
    });
  });
}

/** The gateway for people. */
export function describeGateway(target: GatewayTarget): string {
  return target.kind === 'command'
    ? `gateway ${[target.command, ...target.args].join(' ')}`
    : `gateway ${target.url.origin}, its runtime played at ${target.socketPath}`;
}
