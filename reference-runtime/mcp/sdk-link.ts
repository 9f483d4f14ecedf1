import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import { isObject } from '../../base/is-object.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import {
  errorResponse,
  invalidParams,
  methodNotFound,
  type RpcError,
  resultResponse,
  rpcErrorCodes,
  shieldError,
} from './json-rpc-error.ts';
import { isServedMethod, misfitOf, type Sdk } from './sdk.ts';
import type { ServerLink, ServerPort } from './server-link.ts';

/** The hooks of a server that runs in this process. */
export const sdkHooks = {
  shieldError,
  misfitOf,
  /** Writes the response to a request (JSONRPC-1). @param id the id of the response as a JSON token */
  writeResult: (id: string, result: unknown, _request: RequestMessage): string => resultResponse(id, result),
  writeMessage,
  /** Converts the id of a request to the id of its response. Both are JSON tokens (JSONRPC-2). */
  responseId: (token: string): string => token,
};
export type SdkHooks = typeof sdkHooks;

/** A server of the official SDK, or a wrapper of one. */
export interface ConnectableServer {
  connect(transport: never): Promise<void>;
  close(): Promise<void>;
}

/** Options of a link to a server in this process. */
export interface SdkLinkOptions {
  readonly sdk: Sdk;
  readonly server: ConnectableServer;
  readonly hooks: SdkHooks;
  /** The methods that the server serves. Undefined: the server decides. */
  readonly methods?: ReadonlySet<string>;
  readonly sessionId?: string;
  readonly subscriptions?: ReadonlySet<string>;
  /** Changes a request before the server gets it. */
  readonly prepare?: (request: RequestMessage) => unknown;
  /** Returns what the SDK tells handlers about a message, in addition to the message. */
  readonly extraOf?: (exchange: Exchange) => object;
  /** Called when the session ends. */
  readonly release?: () => void;
  /** Called when the server closes its transport. */
  readonly onClosed?: () => void;
}

type Receive = (message: JSONRPCMessage, extra?: object) => void;

/** A server in this process. Its transport is this object's, so messages stay values until they leave the runtime. */
export class SdkLink implements ServerLink {
  readonly statesRelation = true;
  readonly subscriptions: ReadonlySet<string> | undefined;
  readonly #options: SdkLinkOptions;
  readonly #port: ServerPort;
  readonly #transport: Transport;
  #closing = false;

  private constructor(options: SdkLinkOptions, port: ServerPort) {
    this.#options = options;
    this.#port = port;
    this.subscriptions = options.subscriptions;
    this.#transport = {
      start: async () => {},
      send: (message, sendOptions) => this.#send(message, sendOptions),
      close: async () => this.#closed(),
      ...(options.sessionId !== undefined && { sessionId: options.sessionId }),
    };
  }

  /** Connects to a server. @throws any error of the server */
  static async connect(options: SdkLinkOptions, port: ServerPort): Promise<SdkLink> {
    const link = new SdkLink(options, port);
    await options.server.connect(link.#transport as never);
    return link;
  }

  refusalOf({ method, params }: RequestMessage): RpcError | undefined {
    const { sdk, methods, hooks } = this.#options;
    const known = isServedMethod(method);
    if (methods !== undefined && !(known && methods.has(method))) return methodNotFound();
    if (!known || method === 'initialize') return undefined;
    const misfit = hooks.misfitOf(sdk, method, params);
    return misfit === undefined ? undefined : invalidParams(misfit);
  }

  request(id: number, exchange: Exchange): void {
    const { prepare, extraOf } = this.#options;
    const { request } = exchange;
    const params = prepare === undefined ? request.params : prepare(request);
    this.#receive({ jsonrpc: '2.0', id, method: request.method, ...paramsOf(params) }, extraOf?.(exchange));
  }

  notify({ method, params }: NotificationMessage): void {
    this.#receive({ jsonrpc: '2.0', method, ...paramsOf(params) });
  }

  cancel(requestId: number, reason: string): void {
    this.#receive({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason } });
  }

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

  async close(): Promise<void> {
    this.#closing = true;
    this.#options.release?.();
    await this.#options.server.close();
  }

  #closed(): void {
    this.#transport.onclose?.();
    if (!this.#closing) this.#options.onClosed?.();
  }

  #receive(message: JSONRPCMessage, extra?: object): void {
    (this.#transport.onmessage as Receive | undefined)?.(message, extra);
  }

  async #send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (!('method' in message)) return this.#finish(message);
    const { hooks } = this.#options;
    return this.#port.send({
      id: 'id' in message ? message.id : undefined,
      method: message.method,
      params: message.params,
      related: options?.relatedRequestId,
      write: (request) =>
        request === undefined ? JSON.stringify(message) : hooks.writeMessage(message, request),
    });
  }

  #finish(message: Extract<JSONRPCMessage, { result: unknown } | { error: unknown }>): void {
    const { hooks } = this.#options;
    const id = Number(message.id);
    if ('result' in message && this.#port.exchange(id)?.request.method === 'initialize') {
      this.#port.negotiated(String(message.result['protocolVersion']));
    }
    this.#port.finish(id, (request) => {
      const token = hooks.responseId(request.id);
      return 'result' in message
        ? hooks.writeResult(token, message.result, request)
        : errorResponse(token, hooks.shieldError(message.error));
    });
  }
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
