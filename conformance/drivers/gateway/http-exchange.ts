import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { WireEvent, WireLog } from '../../wire/wire-log.ts';

/** A header field in its original spelling. */
export type Field = readonly [name: string, value: string];

/** An HTTP request, specified to the last byte. */
export interface HttpRequest {
  readonly method: string;
  /** The request target, sent unchanged. */
  readonly target: string;
  /** All header fields in order. Characters up to U+00FF are sent as one byte each. */
  readonly fields: readonly Field[];
  /** Raw lines sent after the header fields. */
  readonly lines: readonly string[];
  readonly body: Uint8Array;
  /** Trailers of a chunked body. */
  readonly trailers: readonly Field[];
  /** Never send the end of the body. */
  readonly unfinished: boolean;
  /** Local address to connect from. */
  readonly localAddress: string | undefined;
  /** Do not read the body of the response before `resume`. */
  readonly paused: boolean;
}

export interface HttpHead {
  readonly status: number;
  /** The header fields by lower-case name. Repeated fields are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
}

/** The end of an exchange. */
export interface HttpEnd {
  /** Whether the response is complete according to its HTTP framing. */
  readonly complete: boolean;
  /** The cause, if the response is incomplete. */
  readonly problem?: string;
}

/** Header field that marks the position of the raw lines, which Node would refuse to write. */
const placeholder: Field = ['X-Conformance-Lines', 'here'];

/** Replaces the placeholder with the raw lines when the socket writes it. */
function writeInPlace(socket: Socket, lines: readonly string[]): void {
  const write = socket.write.bind(socket) as (bytes: unknown, ...rest: unknown[]) => boolean;
  socket.write = ((bytes: unknown, ...rest: unknown[]) => {
    const text = typeof bytes === 'string' ? bytes : undefined;
    return write(text?.replace(placeholder.join(': '), () => lines.join('\r\n')) ?? bytes, ...rest);
  }) as typeof socket.write;
}

/** Connections to one gateway. Requests that name the same connection share it sequentially. */
export class HttpConnections implements Disposable {
  readonly #url: URL;
  readonly #agents = new Map<string, Agent>();
  #unnamed = 0;

  /** @param url origin of the gateway */
  constructor(url: URL) {
    this.#url = url;
  }

  /** Sends a request. @param connection name of a shared connection. Default: a new connection */
  send(request: HttpRequest, name: string, log: WireLog, connection?: string): HttpExchange {
    const key = connection ?? `\0${this.#unnamed++}`;
    const { protocol, hostname, port } = this.#url;
    const isTls = protocol === 'https:';
    const AgentClass = isTls ? TlsAgent : Agent;
    const agent = this.#agents.get(key) ?? new AgentClass({ keepAlive: true, maxSockets: 1 });
    this.#agents.set(key, agent);
    const sent = (isTls ? httpsRequest : httpRequest)({
      agent,
      // URL keeps the brackets of an IPv6 address, but sockets reject them.
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (isTls ? 443 : 80) : port,
      method: request.method,
      path: request.target,
      headers: [...request.fields, ...(request.lines.length > 0 ? [placeholder] : [])].flat(),
      ...(request.localAddress && { localAddress: request.localAddress, family: 4 }),
    });
    if (request.lines.length > 0) sent.once('socket', (socket) => writeInPlace(socket, request.lines));
    return new HttpExchange(sent, request, name, log);
  }

  /** Closes every connection. */
  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}

/** One HTTP request and its response. */
export class HttpExchange {
  readonly request: HttpRequest;
  /** Resolves with the head of the response, or undefined without a response. Never rejects. */
  readonly head: Promise<HttpHead | undefined>;
  /** Resolves when the exchange has ended. Never rejects. */
  readonly ended: Promise<HttpEnd>;
  /** The head, once received. */
  headSoFar: HttpHead | undefined;
  /** The end, once known. */
  endSoFar: HttpEnd | undefined;
  readonly #sent: ClientRequest;
  readonly #log: (direction: WireEvent['direction'], text: string) => void;
  readonly #pieces: Buffer[] = [];
  #response: IncomingMessage | undefined;
  #receivedBytes = 0;
  #onProgress: () => void = () => undefined;
  #settleHead: (head: HttpHead | undefined) => void = () => undefined;
  #settleEnd: (end: HttpEnd) => void = () => undefined;

  /** @param name name in the wire log, such as `http#2` */
  constructor(sent: ClientRequest, request: HttpRequest, name: string, log: WireLog) {
    this.request = request;
    this.#sent = sent;
    this.#log = (direction, text) => log.add(name, direction, text);
    this.head = new Promise((resolve) => {
      this.#settleHead = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
    sent.on('response', (response) => this.#onResponse(response));
    sent.on('upgrade', (response: IncomingMessage, socket: Socket) => {
      socket.destroy();
      this.#onHead(response);
      this.#finish({ complete: true });
    });
    // A response counts even if it arrives before the request is complete. Later connection errors are ignored.
    const unanswered = (problem: string): void => {
      if (this.#response === undefined) this.#finish({ complete: false, problem });
    };
    sent.on('error', (error) => unanswered(codeOf(error)));
    sent.on('close', () => unanswered('the connection ended'));
    this.#log('sent', `${request.method} ${request.target}, ${request.body.length} bytes`);
    // With an `Expect` field, the body waits for 100 Continue, as in curl.
    const waits = request.fields.some(([field]) => field.toLowerCase() === 'expect');
    if (waits) sent.once('continue', () => this.#sendBody()).flushHeaders();
    else this.#sendBody();
  }

  /** The status, or the known reason why there is no response. */
  get answered(): string {
    return String(this.headSoFar?.status ?? this.endSoFar?.problem ?? 'nothing');
  }

  /** The body received so far. */
  get body(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Reads the body of a paused exchange. */
  resume(): void {
    const response = this.#response;
    if (response === undefined || response.listenerCount('data') > 0) return;
    response.on('data', (bytes: Buffer) => {
      this.#pieces.push(bytes);
      this.#receivedBytes += bytes.length;
      this.#log('received', `${bytes.length} bytes of body`);
      this.#onProgress();
    });
  }

  /** Resolves when this number of body bytes has arrived, or the exchange has ended. Never rejects. */
  async received(bytes: number): Promise<void> {
    while (this.#receivedBytes < bytes && this.endSoFar === undefined) {
      await new Promise<void>((resolve) => {
        this.#onProgress = resolve;
      });
    }
  }

  /** Closes the connection, like a caller that disconnects. */
  abort(): void {
    this.#log('sent', 'connection closed');
    this.#sent.destroy();
  }

  #sendBody(): void {
    const { body, trailers, unfinished } = this.request;
    if (trailers.length > 0) this.#sent.addTrailers(trailers.map(([...field]) => field));
    if (body.length > 0) this.#sent.write(body);
    else if (unfinished) this.#sent.flushHeaders();
    if (!unfinished) this.#sent.end();
  }

  #onResponse(response: IncomingMessage): void {
    this.#onHead(response);
    response.on('end', () => this.#finish({ complete: response.complete }));
    response.on('error', (error) => this.#finish({ complete: false, problem: codeOf(error) }));
    response.on('close', () => this.#finish({ complete: response.complete }));
    if (!this.request.paused) this.resume();
  }

  #onHead(response: IncomingMessage): void {
    this.#response = response;
    const fields = Object.entries(response.headersDistinct);
    const headers = Object.fromEntries(fields.map(([name, values = []]) => [name, values.join(', ')]));
    this.headSoFar = { status: response.statusCode ?? 0, headers };
    this.#log('received', `${response.statusCode} ${JSON.stringify(headers)}`);
    this.#settleHead(this.headSoFar);
  }

  #finish(end: HttpEnd): void {
    if (this.endSoFar !== undefined) return;
    this.endSoFar = end;
    const problem = end.problem === undefined ? '' : `: ${end.problem}`;
    this.#log('received', `${end.complete ? 'end' : 'incomplete'}${problem}`);
    this.#settleHead(this.headSoFar);
    this.#settleEnd(end);
    this.#onProgress();
  }
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
