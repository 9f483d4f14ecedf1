import type { JSONRPCMessage, Server, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import { isObject } from '../../base/is-object.ts';
import type { CallScope } from '../catalog/catalog.ts';
import type { EventStream } from '../session/event-stream.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from './envelope.ts';
import {
  errorResponse,
  invalidParams,
  methodNotFound,
  type RpcError,
  resultResponse,
  rpcErrorCodes,
  shieldError,
} from './json-rpc-error.ts';
import type { ResponsePath } from './response-path.ts';
import { isServedMethod, misfitOf, type Sdk } from './sdk.ts';

/** The hooks of a connection. */
export const connectionHooks = {
  /** Converts the id of a request to the id of its response. Both are JSON tokens (JSONRPC-2). */
  responseId: (token: string): string => token,
  shieldError,
  misfitOf,
  /**
   * Returns whether `notifications/cancelled` with this id cancels a request. It never cancels `initialize`
   * (DEADLINE-3).
   */
  namesRequest: (requestId: string | undefined, { id, method }: RequestMessage): boolean =>
    requestId !== undefined && isSameId(requestId, id) && method !== 'initialize',
  /** Writes the response to a request (JSONRPC-1). @param id the id of the response as a JSON token */
  writeResult: (id: string, result: unknown, _request: RequestMessage): string => resultResponse(id, result),
  writeMessage,
};
export type ConnectionHooks = typeof connectionHooks;

/** Options of a connection. */
export interface ConnectionOptions {
  readonly sdk: Sdk;
  readonly server: Server;
  readonly methods: ReadonlySet<string>;
  /** Receives the server's messages that do not belong to a request. */
  readonly live: Pick<EventStream, 'isRead' | 'push'>;
  readonly hooks: ConnectionHooks;
  /** Called with errors from the SDK, which are never sent to a caller. */
  onError(error: Error): void;
}

/** A request in flight. */
export interface Exchange {
  readonly request: RequestMessage;
  readonly scope: CallScope;
  readonly path: ResponsePath;
}

/** Thrown if a server request cannot be sent, because the caller has no open stream. */
export class NoOpenStream extends Error {
  override readonly name = 'NoOpenStream';
  readonly code = 'no_open_stream';
}

/**
 * One MCP connection. Its transport tracks the id, the messages and the response of each request of the SDK's server.
 * The SDK sees internal ids instead of the caller's ids, so responses repeat the caller's ids exactly (JSONRPC-2).
 */
export class McpConnection {
  readonly #options: ConnectionOptions;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #transport: Transport;
  #nextId = 1;
  #revision: string | undefined;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#transport = {
      start: async () => {},
      send: (message, sendOptions) => this.#send(message, sendOptions),
      close: async () => this.#transport.onclose?.(),
      setProtocolVersion: (revision) => {
        this.#revision = revision;
      },
    };
  }

  static async open(options: ConnectionOptions): Promise<McpConnection> {
    const connection = new McpConnection(options);
    options.server.onerror = options.onError;
    await options.server.connect(connection.#transport);
    return connection;
  }

  /** The negotiated revision, or undefined before the handshake (INIT-7). */
  get revision(): string | undefined {
    return this.#revision;
  }

  get inFlight(): number {
    return this.#exchanges.size;
  }

  /** Returns the request in flight with an internal id. */
  exchange(internalId: string | number): Exchange | undefined {
    return this.#exchanges.get(Number(internalId));
  }

  /** Starts a request. The returned function cancels it (DEADLINE-1, DEADLINE-2, POST-5). */
  request(exchange: Exchange): () => void {
    const { request, path } = exchange;
    const refusal = this.#refusalOf(request);
    if (refusal !== undefined) {
      const id = this.#options.hooks.responseId(request.id);
      path.finish({ kind: 'response', json: errorResponse(id, refusal) });
      return () => undefined;
    }
    const id = this.#nextId++;
    this.#exchanges.set(id, exchange);
    this.#receive({ jsonrpc: '2.0', id, method: request.method, ...paramsOf(request.params) });
    return () => this.#cancel(id, 'The call ended');
  }

  notify({ method, params, requestId }: NotificationMessage): void {
    if (method !== 'notifications/cancelled') {
      this.#receive({ jsonrpc: '2.0', method, ...paramsOf(params) });
      return;
    }
    for (const [id, { request }] of this.#exchanges) {
      if (this.#options.hooks.namesRequest(requestId, request)) this.#cancel(id, 'The caller cancelled');
    }
  }

  /** Receives the caller's response to a request from the server (POST-2). */
  respond({ id, outcome }: ResponseMessage): void {
    const { isSpecType } = this.#options.sdk;
    const response = { jsonrpc: '2.0' as const, id, ...outcome };
    if (isSpecType.JSONRPCResultResponse(response) || isSpecType.JSONRPCErrorResponse(response)) {
      this.#receive(response);
      return;
    }
    const error = { code: rpcErrorCodes.invalidRequest, message: 'The response is not valid' };
    this.#receive({ jsonrpc: '2.0', id, error });
  }

  /** Closes the connection and ends the requests in flight (SESSION-8). */
  async close(): Promise<void> {
    const exchanges = [...this.#exchanges.values()];
    this.#exchanges.clear();
    await this.#options.server.close();
    for (const { path } of exchanges) path.finish({ kind: 'closed' });
  }

  #refusalOf({ method, params }: RequestMessage): RpcError | undefined {
    if (!this.#options.methods.has(method) || !isServedMethod(method)) return methodNotFound();
    const misfit = this.#options.hooks.misfitOf(this.#options.sdk, method, params);
    return misfit === undefined ? undefined : invalidParams(misfit);
  }

  #cancel(id: number, reason: string): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    this.#receive({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } });
    exchange.path.finish({ kind: 'cancelled' });
  }

  #receive(message: JSONRPCMessage): void {
    this.#transport.onmessage?.(message);
  }

  async #send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!('method' in message)) return this.#finish(message);
    const related = options?.relatedRequestId;
    if (related === undefined) return this.#sendLive(message, 'id' in message);
    const exchange = this.exchange(related);
    if (exchange === undefined) return;
    const isQuestion = 'id' in message || message.method === 'notifications/cancelled';
    if (isQuestion && !exchange.path.interactive) await this.#sendLive(message, true);
    else await exchange.path.message(this.#options.hooks.writeMessage(message, exchange.request));
  }

  async #sendLive(message: JSONRPCMessage, needsReader: boolean): Promise<void> {
    const { live } = this.#options;
    if (needsReader && !live.isRead) throw new NoOpenStream('No stream is open');
    await live.push(JSON.stringify(message));
  }

  #finish(message: Extract<JSONRPCMessage, { result: unknown } | { error: unknown }>): void {
    const id = Number(message.id);
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    const { hooks } = this.#options;
    const token = hooks.responseId(exchange.request.id);
    const json =
      'result' in message
        ? hooks.writeResult(token, message.result, exchange.request)
        : errorResponse(token, hooks.shieldError(message.error));
    exchange.path.finish({ kind: 'response', json });
  }
}

/** Returns whether two JSON tokens are the same id. Strings may differ in their escapes. Numbers must match exactly. */
function isSameId(one: string, other: string): boolean {
  if (one === other) return true;
  return one.startsWith('"') && other.startsWith('"') && JSON.parse(one) === JSON.parse(other);
}

function paramsOf(params: unknown): { params?: Record<string, unknown> } {
  return isObject(params) ? { params: { ...params } } : {};
}

/** Writes a message. A progress notification gets the caller's exact progress token (MCP-7). */
function writeMessage(message: JSONRPCMessage, { progressToken: token }: RequestMessage): string {
  if (!('method' in message) || message.method !== 'notifications/progress' || token === undefined) {
    return JSON.stringify(message);
  }
  const { progressToken: _replaced, ...params } = message.params ?? {};
  const rest = JSON.stringify(params).slice(1);
  const comma = rest === '}' ? '' : ',';
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token}${comma}${rest}}`;
}
