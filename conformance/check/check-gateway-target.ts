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

/** A gateway under test: a running one, or one for the kit to start. */
export type GatewayTarget =
  | { readonly kind: 'url'; readonly url: URL; readonly socketPath: string }
  /** The kit starts the gateway and chooses the addresses that are not given. */
  | ({ readonly kind: 'command' } & GatewayCommand);

/** A run against a gateway with its inputs resolved. */
export interface GatewayPlan {
  readonly target: GatewayTarget;
  /** Credentials of the callers and other facilities of the gateway. */
  readonly facilities: Omit<Facilities, 'url'>;
  readonly clauses: Clauses;
  readonly cases: readonly GatewayCase[];
  readonly settings: RunSettings;
  readonly failures: KnownFailuresInput;
  /** Replaces the default time limit of cases. */
  readonly caseTimeoutMs?: number;
  readonly readyTimeoutMs: number;
  /** Stop after this number of cases with failures that count. Default: never. */
  readonly bail?: number;
  /** Ids of the cases to begin before the others. */
  readonly first?: ReadonlySet<string>;
  /** Also keep the wire events of passing cases. */
  readonly keepWire: boolean;
  /** Gather what each case sends and receives, for an HTML report. */
  readonly keepEvidence?: boolean;
  /** Returns the command that reruns one case or, without an id, checks the gateway again. */
  readonly rerun: (caseId?: string) => string;
}

/**
 * Runs the cases against a gateway and judges the run. Starts and stops the gateway if it is a command. If the gateway
 * cannot be tested, returns a report with the reason.
 * @throws UsageError if the command is invalid
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
      repeat: plan.settings.repeat,
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

/** Describes the gateway for people. */
export function describeGateway(target: GatewayTarget): string {
  return target.kind === 'command'
    ? `gateway ${[target.command, ...target.args].join(' ')}`
    : `gateway ${target.url.origin}, with the played runtime at ${target.socketPath}`;
}
