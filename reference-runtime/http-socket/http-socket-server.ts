import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestRpc } from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import { categoryMappings } from '../failures/category.ts';
import { RequestRefused } from '../failures/request-refused.ts';
import type { HandlerOptions } from '../grpc/handlers.ts';
import { type Answer, emptyAnswer, jsonAnswer, refusalAnswer } from '../http/answer.ts';
import { readCall } from '../http/call.ts';

import { requestMessageOf, rpcOf } from './request-message.ts';
import { ResponseWriter } from './response-writer.ts';

/** Where the health of the runtime is found. */
export const healthPath = '/health';

/** One request and what it takes to answer it. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
}

/**
 * The same service by HTTP/1.1: for comparison with gRPC, and for gateways that do not speak it. A request is what it is
 * by gRPC, its typed fields in header fields (`internalFields`); the response is the HTTP response itself.
 */
export class HttpSocketServer {
  readonly #options: HandlerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(options: HandlerOptions) {
    this.#options = options;
    // The gateway decides how long a connection lives: one that ends here may have a request on its way.
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (incoming, outgoing) => {
      void this.#serve(incoming, outgoing);
    });
    this.#server.maxHeadersCount = 0;
  }

  /** Takes a connection. */
  accept(connection: Socket): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    this.#server.emit('connection', connection);
  }

  /** Ends all connections. */
  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort();
    });
    outgoing.on('error', () => {});
    incoming.on('error', () => {});
    const exchange = { incoming, outgoing, signal: gone.signal };
    try {
      await this.#answer(exchange);
    } catch (error) {
      send(outgoing, this.#failure(error));
    }
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { incoming, outgoing } = exchange;
    if (incoming.method === 'GET' && incoming.url === healthPath) {
      const { status, mode, version, capabilities } = this.#options.hooks.health(this.#options.health());
      send(outgoing, jsonAnswer(200, JSON.stringify({ status, mode, version, capabilities })));
      return;
    }
    const rpc = rpcOf(incoming);
    if (rpc === undefined) {
      send(outgoing, emptyAnswer(405));
      return;
    }
    const body = await this.#readBody(incoming);
    if (rpc === 'InvokeStream') await this.#stream(exchange, body);
    else await this.#options.calls.track(() => this.#unary(rpc, exchange, body));
  }

  async #unary(
    rpc: Exclude<RequestRpc, 'InvokeStream'>,
    exchange: Exchange,
    body: Uint8Array,
  ): Promise<void> {
    const { service } = this.#options;
    const call = this.#call(rpc, exchange, body);
    const answer = rpc === 'Invoke' ? await service.invoke(call) : await service.closeSession(call);
    send(exchange.outgoing, answer);
  }

  async #stream(exchange: Exchange, body: Uint8Array): Promise<void> {
    const { service, limits } = this.#options;
    const answer = await service.openStream(this.#call('InvokeStream', exchange, body));
    if (answer.kind === 'accepted') {
      send(exchange.outgoing, emptyAnswer(answer.status));
      return;
    }
    const writer = new ResponseWriter({
      outgoing: exchange.outgoing,
      signal: exchange.signal,
      highWaterBytes: limits.streamHighWaterBytes,
      keepAliveMs: limits.keepAliveMs,
    });
    writer.begin(answer.headers);
    answer.run(writer);
  }

  #call(rpc: RequestRpc, { incoming, signal }: Exchange, body: Uint8Array) {
    if (this.#options.health().status !== 'ok') {
      throw new CallRefused('UNAVAILABLE', 'The runtime is stopping');
    }
    return readCall(rpc, requestMessageOf(incoming, body), signal, this.#options.hooks);
  }

  async #readBody(incoming: IncomingMessage): Promise<Uint8Array> {
    const { maxBodyBytes } = this.#options.limits;
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of incoming.iterator({ destroyOnReturn: false })) {
      pieces.push(piece);
      bytes += piece.length;
      // One byte more is enough for the service to see that it is too much.
      if (bytes > maxBodyBytes) break;
    }
    return Buffer.concat(pieces);
  }

  /** A failure by HTTP: where gRPC has two layers, the status of its category is all there is (ERROR-4). */
  #failure(error: unknown): Answer {
    const { logger } = this.#options;
    if (error instanceof RequestRefused) {
      logger.debug({ code: error.code, status: error.httpStatus }, 'request refused');
      return refusalAnswer(error);
    }
    if (error instanceof CallRefused) {
      const { message, code } = error;
      const httpStatus = categoryMappings[code].httpStatus;
      return refusalAnswer(new RequestRefused(code, { code: 'call_refused', message, httpStatus }));
    }
    logger.error(
      { error: error instanceof Error ? error.stack : typeof error },
      'a request failed unexpectedly',
    );
    return refusalAnswer(new RequestRefused('INTERNAL', { code: 'internal', message: 'Internal error' }));
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  const length = status === 204 ? {} : { 'content-length': body.length };
  outgoing.writeHead(status, { ...headers, ...length }).end(body);
}
