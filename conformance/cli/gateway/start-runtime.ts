import {
  type GatewayLimits,
  grpcRuntime,
  httpRuntime,
  type RuntimeConnection,
  type RuntimePlace,
} from '../../../gateway/index.ts';
import { httpSocketVariable } from '../../../runners/environment/socket-environment.ts';
import { createRunner, kindOf } from '../../../runners/kinds.ts';
import { ResourceScope } from '../../../runners/resource-scope.ts';
import { type Address, RunnerError, type SocketPlace } from '../../../runners/runner.ts';
import { secondSocketEnvironment, secondSocketPath } from '../../../runners/second-socket.ts';
import type { CommandContext } from '../command-context.ts';
import type { GatewayRequest } from './gateway-options.ts';
import { SupervisedRuntime } from './supervised-runtime.ts';

/** A connected runtime. If the kit started it, the kit restarts it after an exit. Disposing ends the runtime. */
export interface StartedRuntime extends AsyncDisposable {
  readonly connection: RuntimeConnection;
}

/** Options for starting a runtime. */
export type RuntimeRequest = Pick<GatewayRequest, 'target' | 'transport' | 'readyTimeoutMs' | 'limits'>;

/**
 * Starts the runtime and waits until it is ready. A runtime that the kit does not start may appear and disappear at any
 * time. The gateway waits for it on each call (GW-45).
 * @throws RunnerError, TargetError, UsageError
 */
export async function startRuntime(
  request: RuntimeRequest,
  { signal, warn }: Pick<CommandContext, 'signal' | 'warn'>,
): Promise<StartedRuntime> {
  const { target, transport, limits, readyTimeoutMs } = request;
  const socketPath = kindOf(target).socketOf?.(target);
  if (socketPath !== undefined) {
    const connection =
      transport === 'http' ? httpRuntime(socketPath, limits) : grpcRuntime({ socketPath }, limits);
    return { connection, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
  }
  const scope = new ResourceScope();
  try {
    const runner = scope.own(await createRunner(target));
    const environment =
      transport === 'http' ? (place: SocketPlace) => secondSocketEnvironment(place, 'http') : undefined;
    const runtime = scope.own(
      await SupervisedRuntime.start({ runner, environment, readyTimeoutMs, signal, warn }),
    );
    const connection = scope.own(
      transport === 'http'
        ? await httpConnection(runtime.place, limits)
        : grpcRuntime(placeOf(runtime.address), limits),
    );
    return { connection, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  }
}

function placeOf(address: Address): RuntimePlace {
  return address.kind === 'unix'
    ? { socketPath: address.path }
    : { target: `dns:///${address.host}:${address.port}` };
}

async function httpConnection(
  place: SocketPlace,
  limits: Partial<GatewayLimits>,
): Promise<RuntimeConnection> {
  const connection = httpRuntime(secondSocketPath(place, 'http'), limits);
  try {
    await connection.healthCheck();
    return connection;
  } catch {
    await connection[Symbol.asyncDispose]();
    throw new RunnerError(
      'unsupported',
      `The runtime is ready, but does not serve HTTP on the socket in ${httpSocketVariable}.`,
      'Use --transport grpc.',
    );
  }
}
