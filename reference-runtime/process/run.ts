import { createRuntime, type Runtime } from '../runtime.ts';
import { BadSetting, readEnvironment, readSocketPath } from './environment.ts';
import { createLog } from './log.ts';
import { SocketUnavailable } from './socket-claim.ts';

/** Says on stderr, in one line, why the process ends. */
function complain(message: string): void {
  process.stderr.write(`mcp-runtime: ${message}\n`);
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
export async function serve(version: string): Promise<number> {
  const stop = stopSignal();
  let runtime: Runtime;
  try {
    const { socketPath, logLevel, ...options } = readEnvironment(process.env);
    runtime = createRuntime({ ...options, version, logger: createLog(logLevel) });
    await runtime.listen(socketPath);
  } catch (error) {
    if (error instanceof BadSetting) {
      complain(error.message);
      return 2;
    }
    if (error instanceof SocketUnavailable) {
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
