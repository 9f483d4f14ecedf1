import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Registry } from 'prom-client';
import { withTimeLimit } from '../../base/deadline.ts';
import type { Gateway } from '../gateway.ts';
import { nodeHandler } from './node-handler.ts';

/** The address of a server. */
export interface ListenOptions {
  /** A host name or an address of this machine. */
  readonly host: string;
  /** The port. 0 chooses a free one. */
  readonly port: number;
}

/**
 * Starts a server.
 * @returns its URL, such as `http://127.0.0.1:8080`
 * @throws Error with Node's `code`, such as EADDRINUSE
 */
export async function listen(server: Server, { host, port }: ListenOptions): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const { address, family, port: actual } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`;
}

/** A listening gateway. */
export interface GatewayServer extends AsyncDisposable {
  /** The URL, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Stops accepting connections, closes the gateway, and then closes the connections. */
  close(): Promise<void>;
}

/**
 * Idle time after which the server closes a connection. Proxies keep idle connections for up to 60 s. If the gateway closed
 * a connection first, a proxy could lose a request that it was just sending, and proxies do not repeat a POST.
 */
const idleConnectionMs = 75_000;

/** Serves a gateway over HTTP/1.1. @throws Error with Node's `code`, such as EADDRINUSE */
export async function serveGateway(gateway: Gateway, options: ListenOptions): Promise<GatewayServer> {
  const server = createServer(
    { requestTimeout: gateway.limits.callMs, keepAlive: true, keepAliveTimeout: idleConnectionMs },
    nodeHandler(gateway),
  );
  // The size of the header section is limited. A limit on the number of fields would silently drop the rest.
  server.maxHeadersCount = 0;
  server.on('checkContinue', nodeHandler(gateway, { awaitsContinue: true }));
  answerMalformedRequests(server);
  // Node would close the connection without an answer.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => {});
    socket.end(
      'HTTP/1.1 405 Method Not Allowed\r\nallow: GET, POST, DELETE\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
    );
  });
  const url = await listen(server, options);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= stop(server, gateway);
    return closing;
  };
  return { url, close, [Symbol.asyncDispose]: close };
}

/**
 * Answers malformed requests. If earlier requests of the connection are not answered yet, the connection ends after their
 * answers. Node would answer with 400 immediately, which the caller would take for the answer to the first of them.
 */
function answerMalformedRequests(server: Server): void {
  const unanswered = new WeakMap<Duplex, Map<IncomingMessage, ServerResponse>>();
  server.on('request', (incoming, outgoing) => {
    const requests = unanswered.get(incoming.socket) ?? new Map();
    unanswered.set(incoming.socket, requests.set(incoming, outgoing));
    outgoing.once('close', () => requests.delete(incoming));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const earlier = [...(unanswered.get(socket) ?? [])].filter(([{ complete }]) => complete);
    const [, last] = earlier.at(-1) ?? [];
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else if (last !== undefined) last.once('close', () => socket.destroy());
    else {
      const status = statusOfError[error.code ?? ''] ?? '400 Bad Request';
      socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  });
}

/** The statuses of malformed requests other than 400, as Node chooses them. */
const statusOfError: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

async function stop(server: Server, gateway: Gateway): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await gateway.close();
  server.closeIdleConnections();
  // Gives the last answers time to be sent.
  await withTimeLimit(closed, 500);
  server.closeAllConnections();
  await closed;
}

/** Options of {@link serveMetrics}. */
export interface MetricsOptions extends ListenOptions {
  /** Allowed host names, in addition to `localhost` and the host to listen on. Addresses are always allowed. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** Returns whether a host is safe from DNS rebinding: an IP address, or one of these names. */
function isOwnHost(host: string | undefined, names: readonly string[]): boolean {
  const name = host?.toLowerCase().replace(/:\d*$/, '');
  if (name === undefined) return false;
  return (
    isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 ||
    names.some((own) => own === '*' || own.toLowerCase() === name)
  );
}

/** A listening server for Prometheus metrics. */
export interface MetricsServer extends AsyncDisposable {
  /** The URL of the metrics, such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
}

/**
 * Serves metrics over HTTP on a separate address, so that callers of the gateway cannot read them.
 * @throws Error with Node's `code`, such as EADDRINUSE
 */
export async function serveMetrics(
  registry: Registry,
  { allowedHosts = [], ...options }: MetricsOptions,
): Promise<MetricsServer> {
  const names = ['localhost', options.host, ...allowedHosts];
  const server = createServer({ requestTimeout: 10_000 }, async (incoming, outgoing) => {
    if (!isOwnHost(incoming.headers.host, names)) {
      outgoing.writeHead(403).end();
      return;
    }
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
