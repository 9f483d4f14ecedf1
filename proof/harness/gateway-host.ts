import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RuntimeRequest } from '../../client/index.ts';
import {
  type Authenticator,
  Gateway,
  type GatewayAnswer,
  type GatewayOptions,
  type GatewayRequest,
  grpcRuntime,
  nodeHandler,
  type RuntimeConnection,
} from '../../gateway/index.ts';
import type { McpRequest } from '../../proto/index.ts';
import type { GatewayChange } from './fault.ts';
import { callChanges, callHeader, hookWire } from './gateway-wire.ts';

/** Deadline of a unary call, in milliseconds. Short, because some cases wait for the deadline to expire. */
const callMs = 2500;

/** Our gateway with a change. */
class ChangedGateway extends Gateway {
  readonly #handle: (request: GatewayRequest) => Promise<GatewayAnswer>;

  /** @param number registers an HTTP request and returns the id of its call */
  constructor(options: GatewayOptions, change: GatewayChange, number: (http: GatewayRequest) => string) {
    super(options);
    const next = async (http: GatewayRequest) => {
      const call = number(http);
      const request = change.request?.(http) ?? http;
      const answer = await super.handle({ ...request, headers: [...request.headers, [callHeader, call]] });
      return change.answer?.(answer, http) ?? answer;
    };
    this.#handle = change.around?.()(next) ?? next;
  }

  override handle(request: GatewayRequest): Promise<GatewayAnswer> {
    return this.#handle(request);
  }
}

/**
 * Serves our gateway with a change in this process.
 * @param authenticator authenticates callers; a caller without credentials is anonymous
 */
export async function hostGateway(
  change: GatewayChange,
  { socketPath, authenticator }: { readonly socketPath: string; readonly authenticator: Authenticator },
): Promise<AsyncDisposable & { readonly url: URL }> {
  hookWire();
  const requests = new Map<string, GatewayRequest>();
  const limits = { callMs, connectMs: 300, ...change.options?.limits };
  const inner: RuntimeConnection = grpcRuntime({ socketPath }, limits);
  const httpOf = ({ headers = {} }: RuntimeRequest) => requests.get(headers[callHeader] ?? '');
  const options = {
    anonymous: 'allow' as const,
    resource: { origin: 'https://gateway.example.org', authorizationServers: ['https://issuer.example.org'] },
    ...change.options,
    limits,
    runtime: change.connection?.(inner, httpOf) ?? inner,
    authenticator: change.authenticator?.(authenticator) ?? authenticator,
  };
  const gateway = new ChangedGateway(options, change, (http) => {
    const call = randomUUID();
    requests.set(call, http);
    const message = (unchanged: McpRequest) => change.message?.(unchanged, http) ?? unchanged;
    callChanges.set(call, { message, chunk: change.chunk });
    return call;
  });
  const handler = nodeHandler(gateway);
  const server = createServer({ keepAlive: true, ...change.server }, change.handler?.(handler) ?? handler);
  server.maxHeadersCount = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await gateway.close();
      await closed;
      for (const call of requests.keys()) callChanges.delete(call);
    },
  };
}
