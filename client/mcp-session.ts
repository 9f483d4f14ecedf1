import { isObject } from '../base/is-object.ts';
import {
  ContractViolationError,
  DeadlineError,
  HttpStatusError,
  JsonRpcResponseError,
  RuntimeClientError,
} from './errors.ts';
import {
  isJsonRpcResponse,
  type JsonRpcFailure,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcResult,
  jsonRpcMessagesOf,
} from './json-rpc.ts';
import type { AuthContext, RuntimeRequest, RuntimeResponse } from './messages.ts';
import type { CallOptions, RuntimeClient, RuntimeStream, StreamOptions } from './runtime-client.ts';
import { pause } from './wait-until-ready.ts';

/** Options for opening a session. */
export interface McpSessionOptions extends CallOptions {
  /** The `clientInfo` of MCP. */
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** The MCP capabilities of the client. Default: none. */
  readonly capabilities?: Readonly<Record<string, unknown>> | undefined;
  /** The requested MCP revision. Default: 2025-11-25. */
  readonly protocolVersion?: string | undefined;
  readonly serverId?: string | undefined;
  /** The caller's claims. Pass a function to renew claims that expire. It is called for each call. */
  readonly authContext?: AuthContext | (() => AuthContext) | undefined;
}

/** The runtime's answer to `initialize`. */
export interface McpServerDescription {
  /** The MCP revision of the session. */
  readonly protocolVersion: string;
  readonly serverInfo: Readonly<Record<string, unknown>>;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly instructions: string | undefined;
}

/** Options for a request in a session. */
export interface McpRequestOptions extends CallOptions {
  /**
   * Receives the messages of the request before its response: progress, log messages and requests from the server,
   * which you answer with `respond`. If set, the request uses `InvokeStream`, which requires the capability
   * `stream-post`. If not set, these messages are ignored.
   */
  readonly onMessage?: ((message: JsonRpcMessage) => void | Promise<void>) | undefined;
}

/** Options for the live stream of a session. */
export interface McpStreamOptions extends StreamOptions {
  /** The event to resume after. Requires the capability `resume`. */
  readonly lastEventId?: string | undefined;
}

const latestRevision = '2025-11-25';
const defaultRetryMs = 1000;

function describeServer(result: unknown): McpServerDescription {
  if (!isObject(result) || typeof result['protocolVersion'] !== 'string') {
    throw new ContractViolationError('the result of initialize has no protocolVersion');
  }
  const { protocolVersion, serverInfo, capabilities, instructions } = result;
  return {
    protocolVersion,
    serverInfo: isObject(serverInfo) ? serverInfo : {},
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

function resultOf(call: string, response: JsonRpcResult | JsonRpcFailure): unknown {
  if ('error' in response) throw new JsonRpcResponseError(call, response.error);
  return response.result;
}

function throwIfFailed(call: string, response: RuntimeResponse): void {
  if (response.status < 400) return;
  const failure = jsonRpcMessagesOf(response).find((message) => 'error' in message);
  throw new HttpStatusError(call, response.status, failure?.error);
}

function responseTo(id: JsonRpcId, call: string, response: RuntimeResponse): JsonRpcResult | JsonRpcFailure {
  throwIfFailed(call, response);
  const found = jsonRpcMessagesOf(response)
    .filter(isJsonRpcResponse)
    .find((message) => message.id === id);
  if (found === undefined)
    throw new ContractViolationError(`the answer to ${call} does not contain its response`);
  return found;
}

/** The settings that all calls of a session share. */
interface SessionBase extends Pick<McpSessionOptions, 'serverId' | 'authContext'> {
  readonly protocolVersion?: string | undefined;
  readonly sessionId?: string | undefined;
}

function requestIn(base: SessionBase, body?: unknown, headers?: Record<string, string>): RuntimeRequest {
  return {
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: {
      accept: 'application/json, text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(base.protocolVersion !== undefined && { 'mcp-protocol-version': base.protocolVersion }),
      ...headers,
    },
    serverId: base.serverId,
    sessionId: base.sessionId,
    authContext: typeof base.authContext === 'function' ? base.authContext() : base.authContext,
  };
}

/**
 * An MCP session, for revisions with a handshake. Its requests reject with `HttpStatusError`, `JsonRpcResponseError`
 * and the errors of the client's calls.
 */
export class McpSession implements AsyncDisposable {
  /** The session id that the runtime created. */
  readonly id: string;
  readonly server: McpServerDescription;
  readonly #client: RuntimeClient;
  readonly #base: SessionBase;
  #lastRequestId = 0;
  #isClosed = false;

  private constructor(client: RuntimeClient, id: string, server: McpServerDescription, base: SessionBase) {
    this.#client = client;
    this.id = id;
    this.server = server;
    this.#base = { ...base, sessionId: id, protocolVersion: server.protocolVersion };
  }

  /**
   * Opens a session: `initialize`, then `notifications/initialized`. The signal and the deadline in the options apply
   * to each of these two calls. Close or dispose of the session after use.
   */
  static async initialize(client: RuntimeClient, options: McpSessionOptions): Promise<McpSession> {
    const { clientInfo, capabilities = {}, protocolVersion = latestRevision } = options;
    const base: SessionBase = { serverId: options.serverId, authContext: options.authContext };
    const params = { protocolVersion, capabilities, clientInfo };
    const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
    const response = await client.invoke(requestIn(base, initialize), options);
    const server = describeServer(resultOf('initialize', responseTo(0, 'initialize', response)));
    const id = response.headers['mcp-session-id'];
    if (!id) throw new ContractViolationError('the answer to initialize does not name a session');
    const session = new McpSession(client, id, server, base);
    try {
      await session.notify('notifications/initialized', undefined, options);
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
    return session;
  }

  /** Sends a request and returns the result of its response, from JSON or SSE. */
  async request(method: string, params?: unknown, options: McpRequestOptions = {}): Promise<unknown> {
    this.#lastRequestId += 1;
    const id = this.#lastRequestId;
    const request = requestIn(this.#base, { jsonrpc: '2.0', id, method, params });
    if (options.onMessage) return resultOf(method, await this.#streamed(id, request, options));
    return resultOf(method, responseTo(id, method, await this.#client.invoke(request, options)));
  }

  /** Sends a notification. */
  async notify(method: string, params?: unknown, options: CallOptions = {}): Promise<void> {
    await this.#send(method, { jsonrpc: '2.0', method, params }, options);
  }

  /** Answers a request from the server with a result. */
  async respond(id: JsonRpcId, result: unknown, options: CallOptions = {}): Promise<void> {
    await this.#send('the answer', { jsonrpc: '2.0', id, result }, options);
  }

  /** Opens the live stream of the session, or resumes a broken stream. */
  stream(options: McpStreamOptions = {}): RuntimeStream {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (options.lastEventId !== undefined) headers['last-event-id'] = options.lastEventId;
    return this.#client.invokeStream(requestIn(this.#base, undefined, headers), options);
  }

  /** Closes the session. A session that the runtime does not know counts as closed. */
  async close(options: CallOptions = {}): Promise<void> {
    if (this.#isClosed) return;
    const response = await this.#client.closeSession(requestIn(this.#base), options);
    if (response.status !== 404) throwIfFailed('CloseSession', response);
    this.#isClosed = true;
  }

  /** Closes the session, and ignores failures. An unclosed session expires in the runtime. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.close();
    } catch (error) {
      if (!(error instanceof RuntimeClientError)) throw error;
    }
  }

  async #send(call: string, body: unknown, options: CallOptions): Promise<void> {
    throwIfFailed(call, await this.#client.invoke(requestIn(this.#base, body), options));
  }

  /**
   * Reads the stream of a request. If the runtime ends the stream before the response (SEP-1699), resumes it after the
   * last event. Gives up when a resumed stream brings no new event.
   */
  async #streamed(
    id: JsonRpcId,
    request: RuntimeRequest,
    { onMessage, signal, deadlineMs }: McpRequestOptions,
  ): Promise<JsonRpcResult | JsonRpcFailure> {
    const end = deadlineMs === undefined ? undefined : performance.now() + deadlineMs;
    let stream = this.#client.invokeStream({ ...request, method: 'POST' }, { signal, deadlineMs });
    let response: JsonRpcResult | JsonRpcFailure | undefined;
    let lastEventId = '';
    for (;;) {
      // Continues to read after the response, because leaving the loop would cancel the RPC of a completed request.
      for await (const message of stream.messages()) {
        if (isJsonRpcResponse(message) && message.id === id) response = message;
        else await onMessage?.(message);
      }
      if (response) return response;
      if (stream.lastEventId === lastEventId) break;
      lastEventId = stream.lastEventId;
      await pause('the request', stream.retryMs ?? defaultRetryMs, signal);
      stream = this.stream({ lastEventId, signal, deadlineMs: end && remaining(end) });
    }
    throw new ContractViolationError('the stream of a request ended without a response to it');
  }
}

function remaining(end: number): number {
  const milliseconds = end - performance.now();
  if (milliseconds > 0) return milliseconds;
  throw new DeadlineError('call', 'the deadline of the request passed before its response arrived');
}
