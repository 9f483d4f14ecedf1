import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Signal } from '../../base/signal.ts';
import { CallRefused } from '../failures/call-refused.ts';
import { RequestRefused, refused } from '../failures/request-refused.ts';
import { type Answer, emptyAnswer, refusalAnswer } from '../http/answer.ts';
import { acceptCall, logUnexpected, type Serving, type ServingHooks } from '../service/serving.ts';
import { EventWriter, type EventWriterOptions } from '../session/event-writer.ts';
import type { HttpHooks } from './http-hooks.ts';
import { OpenRequests } from './open-requests.ts';

/** The path of the health endpoint. */
const healthPath = '/health';

/**
 * The rest of a request line, from the character at which Node's parser refuses its method, by the code of the error. It
 * refuses the methods of RTSP after the name of the protocol. The start of a method may be in an earlier packet.
 */
const restOfRequestLine: Readonly<Record<string, RegExp>> = {
  HPE_INVALID_METHOD: /(?:[\w!#$%&'*+.^`|~-]+|(?<=[A-Z_-])) [!-~]+ HTTP\/1\.[01]\r\n/y,
  HPE_INVALID_CONSTANT: /(?<= HTTP)\/1\.[01]\r\n/y,
};

/** An error of Node's parser. */
interface ParserError extends NodeJS.ErrnoException {
  /** The bytes that the parser was reading, which may start with complete requests. */
  readonly rawPacket?: Buffer;
  /** The number of bytes before the invalid one. */
  readonly bytesParsed?: number;
}

/** Returns whether the parser refused a request only because Node does not know its method (HTTP-3). */
function isUnknownMethod({ code = '', rawPacket, bytesParsed = 0 }: ParserError): boolean {
  const rest = restOfRequestLine[code];
  if (rest === undefined || rawPacket === undefined) return false;
  rest.lastIndex = bytesParsed;
  return rest.test(rawPacket.toString('latin1'));
}

/** The dependencies of the HTTP server. */
export type HttpServing = Serving<ServingHooks & HttpHooks>;

/**
 * Serves the runtime over HTTP/1.1 (chapter 18 of the contract). Header fields carry the typed fields of a request
 * (`internalFields`). The response is a plain HTTP response.
 */
export class HttpSocketServer {
  readonly #options: HttpServing;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();
  readonly #requests = new OpenRequests();

  constructor(options: HttpServing) {
    const { hooks, limits } = options;
    this.#options = options;
    const serverOptions = { maxHeaderSize: limits.maxEnvelopeBytes, ...hooks.httpServerOptions };
    this.#server = createServer(serverOptions, (incoming, outgoing) => {
      if (!this.#keepsFraming(incoming)) return;
      this.#requests.add(incoming, outgoing);
      void this.#serve(incoming, outgoing);
    });
    this.#server.maxHeadersCount = 0;
    this.#server.on('clientError', (error: ParserError, connection) => {
      const { code } = error;
      const isMethod = isUnknownMethod(error);
      this.#requests.refuse(connection, () =>
        isMethod ? hooks.refuseMethod(connection) : hooks.refuseMalformed(connection, code),
      );
    });
    this.#server.on('connect', (_incoming, connection) => {
      // Node no longer reads the connection.
      connection.on('error', () => {});
      connection.once('end', () => connection.end()).resume();
      this.#requests.refuse(connection, () => hooks.refuseMethod(connection));
    });
  }

  accept(connection: Socket): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    this.#server.emit('connection', this.#options.hooks.acceptHttp(connection));
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Refuses a transfer coding other than `chunked` (HTTP-9). Node accepts every list that ends in `chunked`. */
  #keepsFraming({ headers, socket }: IncomingMessage): boolean {
    if (this.#requests.isRefused(socket)) return false;
    const coding = headers['transfer-encoding'];
    if (coding === undefined || coding.toLowerCase() === 'chunked') return true;
    this.#requests.refuse(socket, () =>
      this.#options.hooks.refuseMalformed(socket, 'HPE_INVALID_TRANSFER_ENCODING'),
    );
    return false;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { hooks } = this.#options;
    const signal = hooks.clientGone(outgoing);
    outgoing.on('error', () => {});
    incoming.on('error', () => {});
    try {
      await this.#answer(incoming, outgoing, signal);
    } catch (error) {
      const answer = this.#failure(error);
      const isStream = hooks.httpRpcOf(incoming) === 'InvokeStream';
      this.#send(outgoing, isStream ? hooks.streamAnswer(answer, incoming) : answer);
    }
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse, signal: Signal): Promise<void> {
    const { calls, service, limits, hooks } = this.#options;
    if (incoming.method === 'GET' && incoming.url === healthPath) {
      return this.#send(outgoing, hooks.healthAnswer(hooks.health(this.#options.health())));
    }
    const rpc = hooks.httpRpcOf(incoming);
    if (rpc === undefined) return this.#send(outgoing, emptyAnswer(405));
    const body = await this.#readBody(incoming);
    // An incomplete request must not be carried out (HTTP-9). Its connection has ended.
    if (body === undefined) return void outgoing.destroy();
    const read = () => acceptCall(this.#options, rpc, () => hooks.httpMessageOf(incoming, body), signal);
    if (rpc !== 'InvokeStream') {
      return calls.track(async () =>
        this.#send(
          outgoing,
          await (rpc === 'Invoke' ? service.invoke(read()) : service.closeSession(read())),
        ),
      );
    }
    const answer = await service.openStream(read());
    if (answer.kind === 'answer') return this.#send(outgoing, hooks.streamAnswer(answer.answer, incoming));
    const writer = new ResponseWriter({ outgoing, signal, limits, hooks });
    writer.begin(answer.headers);
    answer.run(writer);
  }

  /** Reads the body up to its limit. Returns undefined if the request ends before its body does. */
  async #readBody(incoming: IncomingMessage): Promise<Uint8Array | undefined> {
    const { maxBodyBytes } = this.#options.limits;
    const pieces: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const piece of incoming.iterator({ destroyOnReturn: false })) {
        pieces.push(piece);
        bytes += piece.length;
        // One byte over the limit makes the service refuse the body.
        if (bytes > maxBodyBytes) break;
      }
    } catch {
      return this.#options.hooks.incompleteBody(Buffer.concat(pieces));
    }
    return Buffer.concat(pieces);
  }

  #send(outgoing: ServerResponse, answer: Answer): void {
    if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
    this.#options.hooks.sendAnswer(outgoing, answer);
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

interface ResponseWriterOptions extends EventWriterOptions {
  readonly outgoing: ServerResponse;
  readonly hooks: HttpHooks;
}

/** Writes events as the body of an HTTP response. */
class ResponseWriter extends EventWriter {
  readonly #outgoing: ServerResponse;
  readonly #hooks: HttpHooks;

  constructor(options: ResponseWriterOptions) {
    super(options);
    this.#outgoing = options.outgoing;
    this.#hooks = options.hooks;
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
    this.#hooks.endStream(this.#outgoing);
  }

  protected abort(): void {
    this.#hooks.breakStream(this.#outgoing);
  }
}
