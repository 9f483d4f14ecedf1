import { resolve } from 'node:path';
import { httpSocketVariable } from '../../../runners/environment/socket-environment.ts';
import { createRunner, describeTarget, kindOf, type Target } from '../../../runners/kinds.ts';
import type { ResourceScope } from '../../../runners/resource-scope.ts';
import type { Address, Instance, Runner } from '../../../runners/runner.ts';
import { secondSocketEnvironment, secondSocketPath } from '../../../runners/second-socket.ts';
import { awaitReady, type HealthFacts } from '../../drivers/runtime/ready.ts';
import { BenchUsageError } from '../bench-error.ts';
import type { Endpoint } from '../load/commands.ts';
import { UsageMeter } from '../measure/usage-meter.ts';
import type { BenchTransport, BenchVariant } from '../report.ts';
import { startGateway } from './gateway-process.ts';
import { httpHealth } from './http-health.ts';

/** A target with its name. */
export interface BenchTarget {
  readonly name: string;
  readonly target: Target;
}

/** A running variant. */
export interface RunningVariant extends BenchVariant {
  readonly endpoint: Endpoint;
  readonly capabilities: readonly string[];
  readonly usage: UsageMeter;
  /** Undefined without a gateway. */
  readonly gatewayUsage: UsageMeter | undefined;
}

/** Options for starting the variants. */
export interface StartOptions {
  readonly transports: readonly BenchTransport[];
  readonly gateway: boolean;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Owns the started targets and gateways. */
  readonly scope: ResourceScope;
}

/**
 * Starts the targets, and returns a variant for each target and transport.
 * @throws RunnerError or TargetError if a target does not become ready, BenchUsageError if it lacks a transport
 */
export async function startVariants(
  targets: readonly BenchTarget[],
  options: StartOptions,
): Promise<readonly RunningVariant[]> {
  for (const { target } of targets) checkTransports(target, options.transports);
  const variants: RunningVariant[] = [];
  for (const named of targets) {
    const sockets = await startTarget(named.target, options);
    for (const transport of options.transports) {
      variants.push(await variantOf(named, { sockets, transport }, options));
    }
  }
  return variants;
}

/** @throws BenchUsageError if a socket cannot serve the transports */
function checkTransports(target: Target, transports: readonly BenchTransport[]): void {
  if (kindOf(target).socketOf === undefined || transports.length === 1) return;
  throw new BenchUsageError(
    `--transport both: ${describeTarget(target)} serves one transport; name each socket with --transport grpc or http, or let the kit start the target`,
  );
}

/** The sockets of a started target. */
interface Sockets {
  readonly grpc: Address;
  /** The path of the HTTP socket. Undefined if the kit cannot reach one. */
  readonly httpPath: () => string;
  readonly health: HealthFacts;
  readonly usage: UsageMeter;
}

async function startTarget(target: Target, options: StartOptions): Promise<Sockets> {
  const { transports, readyTimeoutMs: timeoutMs, signal, scope } = options;
  const usesHttp = transports.includes('http');
  const socket = kindOf(target).socketOf?.(target);
  if (socket !== undefined && usesHttp) return httpSocketOnly(resolve(socket), target, timeoutMs);
  const runner: Runner = scope.own(await createRunner(target));
  const place = usesHttp ? await runner.makePlace() : undefined;
  const environment = place && secondSocketEnvironment(place, 'http');
  const instance: Instance = scope.own(await runner.launch({ place, environment, signal }));
  const health = await awaitReady(instance, { timeoutMs, signal });
  return {
    grpc: instance.address,
    httpPath: () => {
      if (place === undefined) throw new Error('the target was started without an HTTP socket');
      return secondSocketPath(place, 'http');
    },
    health,
    usage: await UsageMeter.of(() => instance.mainProcess()),
  };
}

/** Returns the sockets of a target that the kit did not start, and whose socket serves HTTP. */
async function httpSocketOnly(path: string, target: Target, timeoutMs: number): Promise<Sockets> {
  return {
    grpc: { kind: 'unix', path },
    httpPath: () => path,
    health: await healthOverHttp(path, describeTarget(target), timeoutMs),
    usage: await UsageMeter.of(async () => undefined),
  };
}

async function variantOf(
  { name, target }: BenchTarget,
  { sockets, transport }: { readonly sockets: Sockets; readonly transport: BenchTransport },
  { transports, gateway, readyTimeoutMs, signal, scope }: StartOptions,
): Promise<RunningVariant> {
  const label = describeTarget(target);
  if (transport === 'http') await healthOverHttp(sockets.httpPath(), label, readyTimeoutMs);
  const address: Address = transport === 'grpc' ? sockets.grpc : { kind: 'unix', path: sockets.httpPath() };
  const facts = {
    name: transports.length > 1 ? `${name} ${transport}` : name,
    target: label,
    transport,
    version: sockets.health.version,
    capabilities: sockets.health.capabilities,
    usage: sockets.usage,
  };
  if (!gateway) {
    return { ...facts, endpoint: { address, protocol: transport }, gatewayUsage: undefined };
  }
  if (address.kind !== 'unix') {
    throw new BenchUsageError(
      `--gateway: the socket of ${label} is behind a relay, which the gateway cannot reach`,
    );
  }
  const process = scope.own(
    await startGateway({ socketPath: address.path, transport, readyTimeoutMs, signal }),
  );
  return {
    ...facts,
    endpoint: { address: process.address, protocol: 'gateway' },
    gatewayUsage: await UsageMeter.of(() => process.instance.mainProcess()),
  };
}

/** @throws BenchUsageError if the target does not serve HTTP */
async function healthOverHttp(path: string, label: string, timeoutMs: number): Promise<HealthFacts> {
  const health = await httpHealth(path, timeoutMs);
  if (health !== undefined) return health;
  throw new BenchUsageError(
    `--transport http: ${label} does not serve HTTP on the socket in ${httpSocketVariable}; use --transport grpc`,
  );
}
