import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { CallRefused } from '../failures/call-refused.ts';
import { RequestRefused, refused } from '../failures/request-refused.ts';
import { type Answer, emptyAnswer, jsonAnswer, refusalAnswer } from '../http/answer.ts';
import { acceptCall, logUnexpected, type Serving } from '../service/serving.ts';
import { EventWriter, type EventWriterOptions } from '../session/event-writer.ts';
import { requestMessageOf, rpcOf } from './request-message.ts';

/** The path of the health endpoint. */
const healthPath = '/health';

/**
 * Serves the runtime over HTTP/1.1, for comparison with gRPC and for gateways without gRPC. Header fields carry the
 * typed fields of a request (`internalFields`). The response is a plain HTTP response.
 */
export class HttpSocketServer {
  readonly #options: Serving;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(options: Serving) {
    this.#options = options;
    // Only the gateway closes idle connections. Closing one here could lose a request in flight.
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (incoming, outgoing) => {
      void this.#serve(incoming, outgoing);
    });
    this.#server.maxHeadersCount = 0;
  }

  accept(connection: Socket): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    this.#server.emit('connection', connection);
  }

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
    try {
      await this.#answer(incoming, outgoing, gone.signal);
    } catch (error) {
      send(outgoing, this.#failure(error));
    }
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
    const { calls, service, limits } = this.#options;
    if (incoming.method === 'GET' && incoming.url === healthPath) {
      const health = this.#options.hooks.health(this.#options.health());
      return send(outgoing, jsonAnswer(200, JSON.stringify(health)));
    }
    const rpc = rpcOf(incoming);
    if (rpc === undefined) return send(outgoing, emptyAnswer(405));
    const body = await this.#readBody(incoming);
    const read = () => acceptCall(this.#options, rpc, () => requestMessageOf(incoming, body), signal);
    if (rpc !== 'InvokeStream') {
      return calls.track(async () =>
        send(outgoing, await (rpc === 'Invoke' ? service.invoke(read()) : service.closeSession(read()))),
      );
    }
    const answer = await service.openStream(read());
    if (answer.kind === 'answer') return send(outgoing, answer.answer);
    const writer = new ResponseWriter({ outgoing, signal, limits });
    writer.begin(answer.headers);
    answer.run(writer);
  }

  async #readBody(incoming: IncomingMessage): Promise<Uint8Array> {
    const { maxBodyBytes } = this.#options.limits;
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of incoming.iterator({ destroyOnReturn: false })) {
      pieces.push(piece);
      bytes += piece.length;
      // One byte over the limit makes the service refuse the body.
      if (bytes > maxBodyBytes) break;
    }
    return Buffer.concat(pieces);
  }

  /** Converts failures of both layers to the HTTP status of their category (ERROR-4). */
  #failure(error: unknown): Answer {
    const { logger } = this.#options;
    if (error instanceof RequestRefused) {
      logger.debug({ code: error.code, status: error.httpStatus }, 'request refused');
      return refusalAnswer(error);
    }
    if (error instanceof CallRefused)
      return refusalAnswer(refused(error.code, 'call_refused', error.message));
    logUnexpected(logger, error);
    return refusalAnswer(refused('INTERNAL', 'internal', 'Internal error'));
  }
}

/** Writes events as the body of an HTTP response. */
class ResponseWriter extends EventWriter {
  readonly #outgoing: ServerResponse;

  constructor(options: EventWriterOptions & { readonly outgoing: ServerResponse }) {
    super(options);
    this.#outgoing = options.outgoing;
  }

  begin(headers: Readonly<Record<string, string>>): void {
    if (this.closed) return;
    this.#outgoing.writeHead(200, { ...headers }).flushHeaders();
    this.keepAlive();
  }

  protected send(bytes: Uint8Array): void {
    this.#outgoing.write(bytes, this.sending(bytes.length));
  }

  protected sendEnd(): void {
    this.#outgoing.end();
  }

  /** Resets the connection, because a started response has no other way to fail. */
  protected abort(): void {
    this.#outgoing.destroy();
  }
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
  const length = status === 204 ? {} : { 'content-length': body.length };
  outgoing.writeHead(status, { ...headers, ...length }).end(body);
}
