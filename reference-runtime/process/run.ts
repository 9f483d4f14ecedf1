import type { Runtime } from '../runtime.ts';
import type { RuntimeOptions } from '../runtime-options.ts';
import { BadSetting, type Environment, readEnvironment, readSocketPaths } from './environment.ts';
import { holdSocket, releaseSocket, type SocketHooks, SocketUnavailable } from './socket-claim.ts';

/** Writes one line to stderr. */
function warn(message: string): void {
  process.stderr.write(`mcp-runtime: ${message}\n`);
}

/** Reports an expected error on stderr. @returns the exit code. @throws any unexpected error */
function reportError(error: unknown): number {
  if (!(error instanceof BadSetting || error instanceof SocketUnavailable)) throw error;
  warn(error.message);
  return error instanceof BadSetting ? 2 : 1;
}

/** Options of `serve`. */
export interface ServeOptions {
  /** The version that `HealthCheck` and `initialize` report. */
  readonly version: string;
  /** The environment variables. Default: the environment of this process. */
  readonly environment?: Environment;
  /** Options that override the environment. */
  readonly options?: RuntimeOptions;
  /** Resolves when the runtime must stop. Default: on SIGTERM or SIGINT. */
  readonly stop?: Promise<unknown>;
}

/** Hooks of the process. */
export interface ProcessHooks extends Pick<Partial<SocketHooks>, 'claimSocket'> {
  /** Loads the factory of the runtime. */
  loadRuntime(): Promise<(options: RuntimeOptions) => Runtime>;
}

const processHooks: ProcessHooks = { loadRuntime: async () => (await import('../runtime.ts')).createRuntime };

/** Resolves on the first SIGTERM or SIGINT. Later signals have no effect. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

/**
 * Reads the settings and claims all sockets. If one fails, it releases the others.
 * @throws BadSetting, SocketUnavailable
 */
async function holdSockets(environment: Environment, claim: SocketHooks['claimSocket'] | undefined) {
  const settings = readEnvironment(environment);
  const { sockets } = settings;
  const grpc = sockets.grpc === undefined ? undefined : await holdSocket(sockets.grpc, claim);
  try {
    const http = sockets.http === undefined ? undefined : await holdSocket(sockets.http, claim);
    return { settings, grpc, http };
  } catch (error) {
    if (grpc !== undefined) await releaseSocket(grpc.claim);
    throw error;
  }
}

/**
 * Serves as the main program of a process, until the process must stop (LIFE-8, LIFE-9). The path of the socket, limits
 * and log level come from the environment. The log goes to stderr, as JSON lines.
 * @returns the exit code: 0 after a normal stop, 1 for an unavailable socket, 2 for an invalid setting
 */
export async function serve(serveOptions: ServeOptions, hooks: ProcessHooks = processHooks): Promise<number> {
  const { version, environment = process.env, options = {}, stop = stopSignal() } = serveOptions;
  let held: Awaited<ReturnType<typeof holdSockets>>;
  try {
    held = await holdSockets(environment, hooks.claimSocket);
  } catch (error) {
    return reportError(error);
  }
  const { sockets: _, logLevel, ...rest } = held.settings;
  // These modules load after the claim, so that an unavailable socket is reported sooner.
  const [createRuntime, { default: pino }] = await Promise.all([hooks.loadRuntime(), import('pino')]);
  const limits = { ...rest.limits, ...options.limits };
  const log = { name: 'mcp-runtime', level: logLevel, base: { pid: process.pid } };
  // JSON lines on stderr, written synchronously.
  const logger = pino(log, pino.destination({ dest: 2, sync: true }));
  const { catalog, ...settings } = rest;
  const runtime = createRuntime({
    ...settings,
    ...(options.server === undefined && { catalog }),
    version,
    logger,
    ...options,
    limits,
  });
  // HTTP starts first, so that it is ready as soon as gRPC is.
  if (held.http !== undefined) runtime.serveHttp(held.http);
  if (held.grpc !== undefined) runtime.serve(held.grpc);
  await stop;
  await runtime.close();
  return 0;
}

/** Checks the health of the runtime on each configured socket. @returns the exit code: 0 for "ok" */
export async function checkHealth(): Promise<number> {
  try {
    const { probeHealth, probeHttpHealth } = await import('./health-probe.ts');
    const { grpc, http } = readSocketPaths(process.env);
    const statuses = await Promise.all([grpc && probeHealth(grpc), http && probeHttpHealth(http)]);
    const failure = statuses.find((status) => status !== undefined && status !== 'ok');
    if (failure === undefined) return 0;
    warn(failure);
    return 1;
  } catch (error) {
    return reportError(error);
  }
}
