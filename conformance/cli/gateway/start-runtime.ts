import { dirname, join, posix } from 'node:path';
import {
  type GatewayLimits,
  grpcRuntime,
  httpRuntime,
  type RuntimeConnection,
  type RuntimePlace,
} from '../../../gateway/index.ts';
import { createRunner, kindOf } from '../../../runners/kinds.ts';
import { ResourceScope } from '../../../runners/resource-scope.ts';
import { type Address, RunnerError, type SocketPlace } from '../../../runners/runner.ts';
import type { CommandContext } from '../command-context.ts';
import type { GatewayRequest } from './gateway-options.ts';
import { SupervisedRuntime } from './supervised-runtime.ts';

/** The variable that tells a runtime where to serve HTTP. */
const httpVariable = 'MCP_RUNTIME_HTTP_UDS';
const httpSocketName = 'http.sock';

/** A runtime that is reached, and kept running where the kit started it. Disposing of it ends what was started. */
export interface StartedRuntime extends AsyncDisposable {
  readonly connection: RuntimeConnection;
}

/** What a runtime is started by. */
export type RuntimeRequest = Pick<GatewayRequest, 'target' | 'transport' | 'readyTimeoutMs' | 'limits'>;

/**
 * Starts the runtime that was asked for and waits until it is ready. One that somebody else runs may come later and go at
 * will: the gateway waits for it, call by call (GW-45).
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
    const environment = transport === 'http' ? httpEnvironment : undefined;
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

/** Where the runtime shall serve HTTP, as it sees it: beside its other socket. */
function httpEnvironment(place: SocketPlace): Record<string, string> {
  const { targetPath } = place;
  const path =
    targetPath === undefined ? httpPathIn(place) : posix.join(posix.dirname(targetPath), httpSocketName);
  return { [httpVariable]: path };
}

/** The same as this process sees it. @throws RunnerError where it does not */
function httpPathIn({ hostPath }: SocketPlace): string {
  if (hostPath !== undefined) return join(dirname(hostPath), httpSocketName);
  throw new RunnerError(
    'unsupported',
    'The socket for HTTP does not get out of the container: the relay is for gRPC alone.',
    'Use --transport grpc.',
  );
}

async function httpConnection(
  place: SocketPlace,
  limits: Partial<GatewayLimits>,
): Promise<RuntimeConnection> {
  const connection = httpRuntime(httpPathIn(place), limits);
  try {
    await connection.healthCheck();
    return connection;
  } catch {
    await connection[Symbol.asyncDispose]();
    throw new RunnerError(
      'unsupported',
      `The runtime is ready, but does not serve HTTP on the socket that ${httpVariable} names.`,
      'Use --transport grpc.',
    );
  }
}
