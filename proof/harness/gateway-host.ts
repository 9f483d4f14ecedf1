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
import type { GatewayChange } from './fault.ts';
import { callHeader, hookWire } from './gateway-wire.ts';

/** Short, so that cases which wait for it can be run: milliseconds. */
const callMs = 2500;

/** A gateway that listens for HTTP. */
export interface HostedGateway extends AsyncDisposable {
  readonly url: URL;
}

let hosted = 0;

/** Our gateway with the faults of a change; without a change as it is. */
class FaultyGateway extends Gateway {
  readonly #change: GatewayChange | undefined;
  readonly #requests: Map<string, GatewayRequest>;
  readonly #prefix: string;
  readonly #handle: (request: GatewayRequest) => Promise<GatewayAnswer>;
  #calls = 0;

  constructor(
    options: GatewayOptions,
    change: GatewayChange | undefined,
    calls: { readonly requests: Map<string, GatewayRequest>; readonly prefix: string },
  ) {
    super(options);
    this.#change = change;
    this.#requests = calls.requests;
    this.#prefix = calls.prefix;
    const next = (request: GatewayRequest) => this.#numbered(request);
    this.#handle = change?.around?.()(next) ?? next;
  }

  override handle(request: GatewayRequest): Promise<GatewayAnswer> {
    return this.#handle(request);
  }

  async #numbered(http: GatewayRequest): Promise<GatewayAnswer> {
    this.#calls += 1;
    const call = `${this.#prefix}${this.#calls}`;
    this.#requests.set(call, http);
    const request = this.#change?.request?.(http) ?? http;
    const answer = await super.handle({ ...request, headers: [...request.headers, [callHeader, call]] });
    return this.#change?.answer?.(answer, http) ?? answer;
  }
}

/**
 * Serves our gateway in this process.
 * @param authenticator of callers; those without credentials are let through
 */
export async function hostGateway(
  change: GatewayChange | undefined,
  { socketPath, authenticator }: { readonly socketPath: string; readonly authenticator: Authenticator },
): Promise<HostedGateway> {
  hosted += 1;
  const kind = change?.chunk === undefined ? 'calls' : 'chunks';
  const calls = { requests: new Map<string, GatewayRequest>(), prefix: `${kind}:${hosted}:` };
  const httpOf = ({ headers = {} }: RuntimeRequest) => calls.requests.get(headers[callHeader] ?? '');
  const limits = { callMs, connectMs: 300, ...change?.options?.limits };
  const inner: RuntimeConnection = grpcRuntime({ socketPath }, limits);
  const hook = hookWire({
    message: (message, call) => {
      const http = calls.requests.get(call);
      return http === undefined ? message : (change?.message?.(message, http) ?? message);
    },
    chunk: (chunk, call) =>
      change?.chunk !== undefined && calls.requests.has(call) ? change.chunk(chunk) : chunk,
  });
  const gateway = new FaultyGateway(
    {
      anonymous: 'allow',
      ...change?.options,
      limits,
      runtime: change?.connection?.(inner, httpOf) ?? inner,
      authenticator: change?.authenticator?.(authenticator) ?? authenticator,
    },
    change,
    calls,
  );
  const handler = nodeHandler(gateway);
  const server = createServer({ keepAlive: true, ...change?.server }, change?.handler?.(handler) ?? handler);
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
      hook[Symbol.dispose]();
    },
  };
}
