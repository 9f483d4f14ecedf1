import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Registry } from 'prom-client';
import { type ListenOptions, listen } from './listen.ts';

/** A server that Prometheus scrapes. */
export interface MetricsServer extends AsyncDisposable {
  /** Where the metrics are: `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
}

/**
 * Serves metrics by HTTP, apart from the gateway: its callers have no business with them.
 * @throws Error with Node's `code`, such as EADDRINUSE
 */
export async function serveMetrics(registry: Registry, options: ListenOptions): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000 }, async (incoming, outgoing) => {
    const [path] = (incoming.url ?? '').split('?');
    if (path !== '/metrics') {
      outgoing.writeHead(404).end();
      return;
    }
    outgoing.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
  });
  const url = await listen(server, options);
  return {
    url: `${url}/metrics`,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
