import { createRuntime, type Runtime, type RuntimeOptions } from '../runtime.ts';
import { BadSetting, type Environment, readEnvironment, readSocketPath } from './environment.ts';
import { createLog } from './log.ts';
import { SocketUnavailable } from './socket-claim.ts';

/** Says on stderr, in one line, why the process ends. */
function complain(message: string): void {
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

/**
 * Serves until the process is asked to stop (LIFE-8, LIFE-9).
 *
 * @returns the exit code: 0 after a stop, 1 where the socket cannot be had, 2 for a setting that cannot be used
 */
export async function serve(serveOptions: ServeOptions): Promise<number> {
  const { version, environment = process.env, options = {}, stop = stopSignal() } = serveOptions;
  let runtime: Runtime | undefined;
  try {
    const { socketPath, httpSocketPath, logLevel, ...settings } = readEnvironment(environment);
    const limits = { ...settings.limits, ...options.limits };
    runtime = createRuntime({ ...settings, version, logger: createLog(logLevel), ...options, limits });
    // Whoever finds the runtime ready by gRPC finds the other socket, too.
    if (httpSocketPath !== undefined) await runtime.listenHttp(httpSocketPath);
    await runtime.listen(socketPath);
  } catch (error) {
    if (error instanceof BadSetting) {
      complain(error.message);
      return 2;
    }
    if (error instanceof SocketUnavailable) {
      await runtime?.close();
      complain(error.message);
      return 1;
    }
    throw error;
  }
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
    complain(status);
    return 1;
  } catch (error) {
    if (!(error instanceof BadSetting)) throw error;
    complain(error.message);
    return 2;
  }
}
