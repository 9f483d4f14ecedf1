import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Gateway } from '../gateway.ts';
import { type ListenOptions, listen } from './listen.ts';
import { nodeHandler } from './node-handler.ts';

/** A gateway that listens for HTTP. */
export interface GatewayServer extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Stops accepting connections, closes the gateway as its own `close` does, then the connections. */
  close(): Promise<void>;
}

/**
 * Serves a gateway by HTTP/1.1.
 * @throws Error with Node's `code`, such as EADDRINUSE
 */
export async function serveGateway(gateway: Gateway, options: ListenOptions): Promise<GatewayServer> {
  const server = createServer(
    { requestTimeout: gateway.limits.callMs, keepAlive: true },
    nodeHandler(gateway),
  );
  // The size of the header section is bounded; a bound on the number of fields would drop the rest silently.
  server.maxHeadersCount = 0;
  const url = await listen(server, options);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop(server, gateway);
    return closing;
  };
  return { url, close, [Symbol.asyncDispose]: close };
}

async function stop(server: Server, gateway: Gateway): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await gateway.close();
  server.closeIdleConnections();
  // What was answered last may be on its way still.
  const last = setTimeout(() => server.closeAllConnections(), 500);
  await closed;
  clearTimeout(last);
}
