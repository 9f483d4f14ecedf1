import type { RuntimeHooks } from '../hooks.ts';
import type { RuntimeOptions } from '../runtime.ts';
import {
  BadSetting,
  type Environment,
  type EnvironmentSettings,
  readEnvironment,
  readSocketPath,
} from './environment.ts';
import { type HeldSocket, holdSocket } from './held-socket.ts';
import { releaseSocket, SocketUnavailable } from './socket-claim.ts';

/** Says on stderr, in one line, why the process ends. */
function warn(message: string): void {
  process.stderr.write(`mcp-runtime: ${message}\n`);
}

/** What a process can be told besides its environment. */
export interface ServeOptions {
  /** What `HealthCheck` and `initialize` name. */
  readonly version: string;
  /** Default: that of the process. */
  readonly environment?: Environment;
  /** Laid over what the environment says. */
  readonly options?: RuntimeOptions;
  /** Resolves when the runtime has to stop. Default: with SIGTERM or SIGINT. */
  readonly stop?: Promise<unknown>;
}

/** Resolves when the process is asked to stop. Asking again changes nothing. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

interface HeldSockets {
  readonly grpc: HeldSocket;
  /** The second socket, where one is asked for. */
  readonly http: HeldSocket | undefined;
}

/** Takes all sockets, or none. @throws SocketUnavailable */
async function holdSockets(
  { socketPath, httpSocketPath }: EnvironmentSettings,
  claim: RuntimeHooks['claimSocket'] | undefined,
): Promise<HeldSockets> {
  const grpc = await holdSocket(socketPath, claim);
  try {
    return { grpc, http: httpSocketPath === undefined ? undefined : await holdSocket(httpSocketPath, claim) };
  } catch (error) {
    await releaseSocket(grpc.claim);
    throw error;
  }
}

/**
 * Serves until the process is asked to stop (LIFE-8, LIFE-9).
 *
 * @returns the exit code: 0 after a stop, 1 where the socket cannot be had, 2 for a setting that cannot be used
 */
export async function serve(serveOptions: ServeOptions): Promise<number> {
  const { version, environment = process.env, options = {}, stop = stopSignal() } = serveOptions;
  let settings: EnvironmentSettings;
  let sockets: HeldSockets;
  try {
    settings = readEnvironment(environment);
    sockets = await holdSockets(settings, options.hooks?.claimSocket);
  } catch (error) {
    if (error instanceof BadSetting) {
      warn(error.message);
      return 2;
    }
    if (error instanceof SocketUnavailable) {
      warn(error.message);
      return 1;
    }
    throw error;
  }
  // Loaded only now: a process that cannot have its sockets has nothing to load.
  const [{ createRuntime }, { createLog }] = await Promise.all([import('../runtime.ts'), import('./log.ts')]);
  const { socketPath: _grpc, httpSocketPath: _http, logLevel, ...rest } = settings;
  const limits = { ...rest.limits, ...options.limits };
  const runtime = createRuntime({ ...rest, version, logger: createLog(logLevel), ...options, limits });
  // Whoever finds the runtime ready by gRPC finds the other socket, too.
  if (sockets.http !== undefined) runtime.serveHttp(sockets.http);
  runtime.serve(sockets.grpc);
  await stop;
  await runtime.close();
  return 0;
}

/** Asks the runtime on the socket for its health. @returns the exit code: 0 for "ok" */
export async function checkHealth(): Promise<number> {
  try {
    const { probeHealth } = await import('./health-probe.ts');
    const status = await probeHealth(readSocketPath(process.env));
    if (status === 'ok') return 0;
    warn(status);
    return 1;
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    warn(error.message);
    return 2;
  }
}
