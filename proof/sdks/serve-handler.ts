import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createHandlers, grpcHooks } from '../../reference-runtime/grpc/handlers.ts';
import { InFlight } from '../../reference-runtime/in-flight.ts';
import { defaultLimits, type Logger } from '../../reference-runtime/options.ts';
import { readSocketPath } from '../../reference-runtime/process/environment.ts';
import { holdSocket, releaseSocket } from '../../reference-runtime/process/socket-claim.ts';
import { type Exchange, HandlerService } from './handler-service.ts';

/** How to serve the HTTP handler of an SDK behind the contract. */
export interface HandlerOptions {
  readonly exchange: Exchange;
  /** Capabilities in addition to those of MCP 2026-07-28. */
  readonly capabilities?: readonly string[];
  /** Ends the subscriptions and the server of the SDK. */
  close(): Promise<void>;
}

const nothing = () => undefined;
const logger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
};

/**
 * Serves the contract on the socket of `MCP_RUNTIME_GRPC_UDS` until SIGTERM, with the gRPC server of the reference
 * runtime.
 * @throws BadSetting, SocketUnavailable
 */
export async function serveHandler({ exchange, capabilities = [], close }: HandlerOptions): Promise<void> {
  const { claim, handTo } = await holdSocket(readSocketPath(process.env));
  const calls = new InFlight();
  // The SDK sends its own comments on idle streams.
  const limits = { ...defaultLimits, keepAliveMs: 2 ** 31 - 1 };
  let status: 'ok' | 'stopping' = 'ok';
  const about = {
    mode: 'full',
    version: '1.0.0',
    capabilities: ['stream-head', 'stream-post', 'mcp-2026-07-28', ...capabilities],
  };
  const hooks = grpcHooks;
  const service = new HandlerService(exchange);
  const server = new Server({
    ...hooks.messageLimits(limits),
    interceptors: [...hooks.interceptors],
    'grpc.enable_channelz': 0,
  });
  const health = () => ({ status, ...about });
  hooks.addService(server, createHandlers({ service, hooks, limits, logger, calls, health }));
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  handTo((connection) => injector.injectConnection(connection));
  await new Promise((resolve) => process.once('SIGTERM', resolve));
  status = 'stopping';
  await releaseSocket(claim);
  await close();
  await calls.idle(limits.drainMs);
  await new Promise<void>((resolve) => {
    server.tryShutdown(() => resolve());
    setTimeout(resolve, 1000).unref();
  });
  server.forceShutdown();
}
