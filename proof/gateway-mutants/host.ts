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
import type { GatewayMutant } from './gateway-mutant.ts';
import { callHeader, hookWire } from './wire-hook.ts';

/** Short, so that cases which wait for it can be run: milliseconds. */
const callMs = 2500;

/** A gateway that listens for HTTP. */
export interface HostedGateway extends AsyncDisposable {
  readonly url: URL;
}

let hosted = 0;

/** Our gateway with the faults of a mutant; without a mutant as it is. */
class MutantGateway extends Gateway {
  readonly #mutant: GatewayMutant | undefined;
  readonly #requests: Map<string, GatewayRequest>;
  readonly #prefix: string;
  readonly #handle: (request: GatewayRequest) => Promise<GatewayAnswer>;
  #calls = 0;

  constructor(
    options: GatewayOptions,
    mutant: GatewayMutant | undefined,
    calls: { readonly requests: Map<string, GatewayRequest>; readonly prefix: string },
  ) {
    super(options);
    this.#mutant = mutant;
    this.#requests = calls.requests;
    this.#prefix = calls.prefix;
    const next = (request: GatewayRequest) => this.#numbered(request);
    this.#handle = mutant?.around?.()(next) ?? next;
  }

  override handle(request: GatewayRequest): Promise<GatewayAnswer> {
    return this.#handle(request);
  }

  async #numbered(http: GatewayRequest): Promise<GatewayAnswer> {
    this.#calls += 1;
    const call = `${this.#prefix}${this.#calls}`;
    this.#requests.set(call, http);
    const request = this.#mutant?.request?.(http) ?? http;
    const answer = await super.handle({ ...request, headers: [...request.headers, [callHeader, call]] });
    return this.#mutant?.answer?.(answer, http) ?? answer;
  }
}

/**
 * Serves our gateway in this process.
 * @param authenticator of callers; those without credentials are let through
 */
export async function hostGateway(
  mutant: GatewayMutant | undefined,
  { socketPath, authenticator }: { readonly socketPath: string; readonly authenticator: Authenticator },
): Promise<HostedGateway> {
  hosted += 1;
  const kind = mutant?.chunk === undefined ? 'calls' : 'chunks';
  const calls = { requests: new Map<string, GatewayRequest>(), prefix: `${kind}:${hosted}:` };
  const httpOf = ({ headers = {} }: RuntimeRequest) => calls.requests.get(headers[callHeader] ?? '');
  const limits = { callMs, connectMs: 300, ...mutant?.options?.limits };
  const inner: RuntimeConnection = grpcRuntime({ socketPath }, limits);
  const hook = hookWire({
    message: (message, call) => {
      const http = calls.requests.get(call);
      return http === undefined ? message : (mutant?.message?.(message, http) ?? message);
    },
    chunk: (chunk, call) =>
      mutant?.chunk !== undefined && calls.requests.has(call) ? mutant.chunk(chunk) : chunk,
  });
  const gateway = new MutantGateway(
    {
      anonymous: 'allow',
      ...mutant?.options,
      limits,
      runtime: mutant?.connection?.(inner, httpOf) ?? inner,
      authenticator: mutant?.authenticator?.(authenticator) ?? authenticator,
    },
    mutant,
    calls,
  );
  const handler = nodeHandler(gateway);
  const server = createServer({ keepAlive: true, ...mutant?.server }, mutant?.handler?.(handler) ?? handler);
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
