import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { withDeadline } from '../../base/deadline.ts';
import { internalFields, rangesWithout } from '../../base/http-fields.ts';
import { isObject } from '../../base/is-object.ts';
import { readBytes } from '../../base/read-bytes.ts';
import { toAbortSignal } from '../../base/signal.ts';
import {
  type CallOptions,
  ClientClosedError,
  ContractViolationError,
  DeadlineError,
  headersForRuntime,
  type RuntimeHealth,
  type RuntimeRequest,
  type RuntimeResponse,
  type StreamHead,
  type StreamOptions,
} from '../../client/index.ts';
import { type GatewayLimits, resolveLimits } from '../options.ts';
import type { OpenedStream, RuntimeConnection } from './runtime-connection.ts';

/**
 * Creates an HTTP/1.1 connection to a runtime on a separate Unix domain socket (`MCP_RUNTIME_HTTP_UDS`), for comparison
 * with gRPC and for runtimes without gRPC. Internal header fields carry the typed fields of a request message. Only
 * this gateway can set them.
 * @param socketPath the path of the socket, which need not exist yet
 */
export function httpRuntime(socketPath: string, limits: Partial<GatewayLimits> = {}): RuntimeConnection {
  return new HttpRuntime(socketPath, resolveLimits(limits));
}

class HttpRuntime implements RuntimeConnection {
  readonly #socketPath: string;
  readonly #limits: GatewayLimits;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #sockets = new Set<Socket>();
  readonly #requests = new Set<ClientRequest>();
  #isClosed = false;

  constructor(socketPath: string, limits: GatewayLimits) {
    this.#socketPath = socketPath;
    this.#limits = limits;
  }

  /** Whether a connection is open. All connections close when the runtime ends. */
  get connected(): boolean {
    return this.#sockets.size > 0;
  }

  invoke(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    return this.#unary('POST', { ...request, headers: withoutStreams(request.headers ?? {}) }, options);
  }

  closeSession(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    return this.#unary('DELETE', request, options);
  }

  invokeStream(request: RuntimeRequest, options: StreamOptions = {}): OpenedStream {
    const cancellation = new AbortController();
    const signal = options.signal
      ? AbortSignal.any([toAbortSignal(options.signal), cancellation.signal])
      : cancellation.signal;
    const outgoing = this.#send(request.method ?? 'GET', request, signal);
    const idleMs = options.idleTimeoutMs ?? this.#limits.streamIdleMs;
    return streamOf(responseOf(outgoing), idleMs, () => cancellation.abort());
  }

  async healthCheck(options: CallOptions = {}): Promise<RuntimeHealth> {
    const { status, body } = await this.#unary('GET', { path: '/health' }, options);
    const health: unknown = status === 200 ? JSON.parse(Buffer.from(body).toString('utf8')) : undefined;
    if (!isHealth(health)) throw new ContractViolationError('the health of the runtime is invalid');
    return health;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const outgoing of this.#requests) outgoing.destroy(new ClientClosedError('the call'));
    this.#agent.destroy();
  }

  async #unary(method: string, request: RuntimeRequest, options: CallOptions): Promise<RuntimeResponse> {
    const cancel = new AbortController();
    const signal = options.signal
      ? AbortSignal.any([toAbortSignal(options.signal), cancel.signal])
      : cancel.signal;
    const late = () => {
      const message = 'the deadline of the call passed before its answer was complete';
      const error = new DeadlineError('call', message);
      cancel.abort(error);
      return error;
    };
    const { maxAnswerBytes, callMs } = this.#limits;
    const tooLarge = () => new ContractViolationError(`the answer has more than ${maxAnswerBytes} bytes`);
    const answer = responseOf(this.#send(method, request, signal)).then(async (incoming) => ({
      status: incoming.statusCode ?? 0,
      headers: headersOf(incoming),
      body: await readBytes(incoming, maxAnswerBytes, tooLarge),
    }));
    return withDeadline(answer, options.deadlineMs ?? callMs, late);
  }

  #send(method: string, request: RuntimeRequest, signal: AbortSignal): ClientRequest {
    if (this.#isClosed) throw new ClientClosedError(method);
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
    const outgoing = httpRequest({
      socketPath: this.#socketPath,
      agent: this.#agent,
      method,
      path: `${request.path ?? '/mcp'}${request.query ? `?${request.query}` : ''}`,
      headers: { ...fieldsOf(request), 'content-length': body?.byteLength ?? 0 },
      signal,
    });
    this.#requests.add(outgoing);
    outgoing.once('close', () => this.#requests.delete(outgoing));
    outgoing.on('socket', (socket) => this.#track(socket));
    // `responseOf` reports an error before the response, and the body reports a later one.
    outgoing.on('error', () => {});
    outgoing.end(body);
    return outgoing;
  }

  #track(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    const add = () => this.#sockets.add(socket);
    if (socket.connecting) socket.once('connect', add);
    else add();
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

function fieldsOf(request: RuntimeRequest): Record<string, string> {
  const { 'mcp-session-id': _, ...headers } = headersForRuntime(request.headers ?? {});
  const { serverId, sessionId, affinityForwarded, authContext } = request;
  return {
    ...headers,
    host: 'runtime',
    ...(sessionId && { 'mcp-session-id': sessionId }),
    ...(serverId && { [internalFields.serverId]: encodeURIComponent(serverId) }),
    ...(affinityForwarded && { [internalFields.affinityForwarded]: 'true' }),
    ...(authContext && {
      [internalFields.authContext]: authContext.encoded,
      [internalFields.authExpiresAt]: String(authContext.expiresAtEpochMs),
    }),
  };
}

/** Returns header fields that do not ask for a stream: a POST that accepts one is an `InvokeStream` (HTTP-3). */
function withoutStreams(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (name.toLowerCase() !== 'accept') return [[name, value]];
      const ranges = rangesWithout(value, 'text/event-stream');
      return ranges.length === 0 ? [] : [[name, ranges.join(', ')]];
    }),
  );
}

/** Resolves to the response. Node skips interim responses other than 101, which breaks the contract (HTTP-5). */
function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const switched = (socket: Duplex) => {
      socket.destroy();
      reject(new ContractViolationError('the runtime switched protocols'));
    };
    outgoing.once('error', reject);
    outgoing.once('upgrade', (_, socket) => switched(socket));
    outgoing.once('response', (incoming) => {
      if (incoming.statusCode === 101) switched(incoming.socket);
      else resolve(incoming);
    });
  });
}

function isHealth(value: unknown): value is RuntimeHealth & Record<string, unknown> {
  const capabilities: unknown = isObject(value) && value['capabilities'];
  return Array.isArray(capabilities) && capabilities.every((name) => typeof name === 'string');
}

/** Returns the header fields. Node has joined repeated fields, except `set-cookie`. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, String([value].flat().at(-1) ?? '')]));
}

/**
 * Converts the response of an HTTP request to a stream. HTTP framing reveals an incomplete response.
 * @param idleMs idle timeout of a read in milliseconds
 * @param leave cancels the request
 */
function streamOf(response: Promise<IncomingMessage>, idleMs: number, leave: () => void): OpenedStream {
  let isCancelled = false;
  const head = response.then((incoming): StreamHead => {
    return { status: incoming.statusCode ?? 0, headers: headersOf(incoming), origin: 'sent' };
  });
  // Prevents an unhandled rejection if the caller only reads the stream and never uses `head`.
  head.catch(() => {});
  response.catch(() => {});
  return {
    head,
    cancel() {
      isCancelled = true;
      leave();
    },
    async *[Symbol.asyncIterator]() {
      const incoming = await response;
      const pieces: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
      try {
        for (;;) {
          const timer = abortWhenIdle(incoming, idleMs);
          const { done, value } = await pieces.next();
          clearTimeout(timer);
          if (done === true) return;
          yield value;
        }
      } catch (error) {
        if (!isCancelled) throw error;
      } finally {
        incoming.destroy();
      }
    },
  };
}

function abortWhenIdle(incoming: IncomingMessage, idleMs: number): NodeJS.Timeout | undefined {
  // Longer timers overflow in Node. A limit of more than 24 days is effectively no limit.
  if (idleMs > 2_147_483_647) return undefined;
  const error = new DeadlineError('idle', `the stream was silent for ${idleMs} ms`);
  return setTimeout(() => incoming.destroy(error), idleMs);
}
