import { once, setMaxListeners } from 'node:events';
import { createServer } from 'node:net';
import { createCommandRunner } from '../../runners/command/runner.ts';
import { describeExit } from '../../runners/diagnosis.ts';
import type { LogReader, Runner } from '../../runners/runner.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';

/** A program that is a gateway. */
export interface GatewayCommand {
  /** `{socket}`, `{listen}`, `{port}` and `{url}` in it are replaced. */
  readonly command: string;
  readonly args: readonly string[];
  /** Where it listens. Default: a free port on the loopback address. */
  readonly url?: URL;
  /** Where it expects its runtime. Default: in a fresh folder. */
  readonly socketPath?: string;
}

/** A gateway that the kit can start, with the places that were chosen for it. */
export interface StartableGateway extends AsyncDisposable {
  readonly url: URL;
  readonly socketPath: string;
  /** Aborted, with the reason, when its process has ended. */
  readonly ended: AbortSignal;
  /** @throws RunnerError where nothing could be started */
  start(signal: AbortSignal): Promise<LogReader>;
}

/**
 * Chooses where a gateway listens and where its runtime will be; nothing is started yet. The program finds both in its
 * arguments, for `{listen}`, `{port}`, `{url}` and `{socket}`, and in the variables MCP_GATEWAY_LISTEN, MCP_GATEWAY_URL and
 * those of the contract for the socket.
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
      environment: { MCP_GATEWAY_LISTEN: listen, MCP_GATEWAY_URL: url.origin },
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

/** A port that nobody listens on at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
