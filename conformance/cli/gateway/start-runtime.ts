import { dirname, join, posix, resolve } from 'node:path';
import {
  type GatewayLimits,
  grpcRuntime,
  httpRuntime,
  type RuntimeConnection,
  type RuntimePlace,
} from '../../../gateway/index.ts';
import { defaultSocketPath } from '../../../runners/image/options.ts';
import { type Address, type LaunchOptions, RunnerError, type SocketPlace } from '../../../runners/runner.ts';
import type { CommandContext } from '../command-context.ts';
import { makeRunner } from '../make-runner.ts';
import type { TargetOptions } from '../target-options.ts';
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
export type RuntimeRequest = Pick<GatewayRequest, 'target' | 'transport' | 'readyTimeoutMs'> & {
  readonly limits: Partial<GatewayLimits>;
};

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
  if (target.kind === 'socket') {
    const path = resolve(target.path);
    const connection =
      transport === 'http' ? httpRuntime(path, limits) : grpcRuntime({ socketPath: path }, limits);
    return { connection, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
  }
  const runner = await makeRunner(target);
  const release: AsyncDisposable[] = [runner];
  const releaseAll = async () => {
    for (const resource of release.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  };
  try {
    const runtime = await SupervisedRuntime.start({
      runner,
      ...(transport === 'http' ? { environment: (place) => httpEnvironment(target, place) } : {}),
      readyTimeoutMs,
      signal,
      warn,
    });
    release.push(runtime);
    const connection =
      transport === 'http'
        ? await httpConnection(runtime.place, limits)
        : grpcRuntime(placeOf(runtime.address), limits);
    release.push(connection);
    return { connection, [Symbol.asyncDispose]: releaseAll };
  } catch (error) {
    await releaseAll();
    throw error;
  }
}

function placeOf(address: Address): RuntimePlace {
  return address.kind === 'unix'
    ? { socketPath: address.path }
    : { target: `dns:///${address.host}:${address.port}` };
}

/** Where the runtime shall serve HTTP, as it sees it: beside its other socket. */
function httpEnvironment(target: TargetOptions, place: SocketPlace): LaunchOptions['environment'] {
  if (target.kind === 'image') {
    const folder = posix.dirname(target.socketPath ?? defaultSocketPath);
    return { [httpVariable]: posix.join(folder, httpSocketName) };
  }
  return { [httpVariable]: httpPathIn(place) };
}

/** The same as this process sees it. @throws RunnerError where it does not */
function httpPathIn({ hostPath }: SocketPlace): string {
  if (hostPath !== undefined) return join(dirname(hostPath), httpSocketName);
  throw new RunnerError(
    'unsupported',
    'The socket of the image does not get out of its container, but by a relay for gRPC.',
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
