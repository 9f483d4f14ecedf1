import type { RuntimeOptions } from '../options.ts';
import type { Runtime } from '../runtime.ts';
import { BadSetting, type Environment, readEnvironment, readSocketPath } from './environment.ts';
import { holdSocket, releaseSocket, type SocketHooks, SocketUnavailable } from './socket-claim.ts';

/** Says on stderr, in one line, why the process ends. */
function warn(message: string): void {
  process.stderr.write(`mcp-runtime: ${message}\n`);
}

/** Says on stderr why the process cannot serve. @returns its exit code; throws what it does not expect */
function explain(error: unknown): number {
  if (!(error instanceof BadSetting || error instanceof SocketUnavailable)) throw error;
  warn(error.message);
  return error instanceof BadSetting ? 2 : 1;
}

/** Options of a process besides its environment. */
export interface ServeOptions {
  /** The version that `HealthCheck` and `initialize` name. */
  readonly version: string;
  /** Default: that of the process. */
  readonly environment?: Environment;
  /** Laid over what the environment says. */
  readonly options?: RuntimeOptions;
  /** Resolves when the runtime has to stop. Default: with SIGTERM or SIGINT. */
  readonly stop?: Promise<unknown>;
}

/** How a process gets its socket and its runtime. */
export interface ProcessHooks extends Pick<Partial<SocketHooks>, 'claimSocket'> {
  /** Loads what makes a runtime. */
  loadRuntime(): Promise<(options: RuntimeOptions) => Runtime>;
}

const processHooks: ProcessHooks = { loadRuntime: async () => (await import('../runtime.ts')).createRuntime };

/** Resolves when the process is asked to stop. Asking again changes nothing. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

/** Reads the settings and takes all sockets, or none. @throws BadSetting, SocketUnavailable */
async function holdSockets(environment: Environment, claim: SocketHooks['claimSocket'] | undefined) {
  const settings = readEnvironment(environment);
  const { socketPath, httpSocketPath } = settings;
  const grpc = await holdSocket(socketPath, claim);
  try {
    const http = httpSocketPath === undefined ? undefined : await holdSocket(httpSocketPath, claim);
    return { settings, grpc, http };
  } catch (error) {
    await releaseSocket(grpc.claim);
    throw error;
  }
}

/**
 * Serves until the process is asked to stop (LIFE-8, LIFE-9).
 * @returns the exit code: 0 after a stop, 1 where the socket cannot be had, 2 for a setting that cannot be used
 */
export async function serve(serveOptions: ServeOptions, hooks: ProcessHooks = processHooks): Promise<number> {
  const { version, environment = process.env, options = {}, stop = stopSignal() } = serveOptions;
  let held: Awaited<ReturnType<typeof holdSockets>>;
  try {
    held = await holdSockets(environment, hooks.claimSocket);
  } catch (error) {
    return explain(error);
  }
  const { socketPath: _grpc, httpSocketPath: _http, logLevel, ...rest } = held.settings;
  // Loaded only now: a process that cannot have its sockets needs neither the log nor the runtime.
  const [createRuntime, { default: pino }] = await Promise.all([hooks.loadRuntime(), import('pino')]);
  const limits = { ...rest.limits, ...options.limits };
  const log = { name: 'mcp-runtime', level: logLevel, base: { pid: process.pid } };
  // JSON lines on stderr, written before anything else happens.
  const logger = pino(log, pino.destination({ dest: 2, sync: true }));
  const runtime = createRuntime({ ...rest, version, logger, ...options, limits });
  // HTTP first: a caller that finds the runtime ready by gRPC finds the other socket ready, too.
  if (held.http !== undefined) runtime.serveHttp(held.http);
  runtime.serve(held.grpc);
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
    return explain(error);
  }
}
