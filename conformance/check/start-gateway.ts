import { once, setMaxListeners } from 'node:events';
import { createServer } from 'node:net';
import { createCommandRunner } from '../../runners/command/runner.ts';
import { describeExit } from '../../runners/diagnosis.ts';
import { parseEnvOptions } from '../../runners/environment/env-file.ts';
import type { LogReader, Runner } from '../../runners/runner.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';

/** The command that starts a gateway. */
export interface GatewayCommand {
  /** The placeholders `{socket}`, `{listen}`, `{port}` and `{url}` are replaced, here and in `args`. */
  readonly command: string;
  readonly args: readonly string[];
  /** Values of `--env`: variables for the gateway. */
  readonly env?: readonly string[];
  /** Names of variables of the kit that the gateway inherits in addition to the default ones. `*` stands for all. */
  readonly inherit?: readonly string[];
  /** URL that the gateway serves. Default: a free port on the loopback address. */
  readonly url?: URL;
  /** Socket on which the gateway expects its runtime. Default: a path in a temporary folder. */
  readonly socketPath?: string;
}

/** A gateway that the kit can start, with its addresses chosen. */
export interface StartableGateway extends AsyncDisposable {
  readonly url: URL;
  readonly socketPath: string;
  /** Aborted when the process has exited, with the exit as the reason. */
  readonly ended: AbortSignal;
  /** @throws RunnerError if the gateway cannot be started */
  start(signal: AbortSignal): Promise<LogReader>;
}

/**
 * Chooses the addresses of a gateway and of its runtime, without starting the gateway. The program receives both in
 * its arguments (`{listen}`, `{port}`, `{url}`, `{socket}`) and in environment variables: MCP_GATEWAY_LISTEN,
 * MCP_GATEWAY_URL and the socket variables of the contract.
 * @throws RunnerError
 */
export async function makeStartableGateway(target: GatewayCommand): Promise<StartableGateway> {
  const folder = target.socketPath === undefined ? await makeFolderPlace() : undefined;
  const socketPath = target.socketPath ?? folder?.hostPath ?? '';
  const url = target.url ?? new URL(`http://127.0.0.1:${await freePort()}`);
  const listen = `${url.hostname}:${url.port}`;
  const replace = (text: string) =>
    text
      .replaceAll('{socket}', socketPath)
      .replaceAll('{listen}', listen)
      .replaceAll('{port}', url.port)
      .replaceAll('{url}', url.origin);
  let runner: Runner;
  try {
    runner = createCommandRunner({
      command: replace(target.command),
      args: target.args.map(replace),
      inherit: target.inherit,
      environment: {
        ...parseEnvOptions(target.env ?? []),
        MCP_GATEWAY_LISTEN: listen,
        MCP_GATEWAY_URL: url.origin,
      },
    });
  } catch (error) {
    await folder?.[Symbol.asyncDispose]();
    throw error;
  }
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  let disposed = false;
  return {
    url,
    socketPath,
    ended: end.signal,
    async start(signal) {
      const place = { hostPath: socketPath, [Symbol.asyncDispose]: async () => {} };
      const instance = await runner.launch({ place, signal });
      void instance.exit.then((exit) => {
        if (!disposed) end.abort(new Error(`the gateway ${describeExit(exit)}`));
      });
      return instance.logs;
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      await runner[Symbol.asyncDispose]();
      await folder?.[Symbol.asyncDispose]();
    },
  };
}

/** Returns a port that is currently free. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
