import { isObject } from '../../base/is-object.ts';
import type { RequestRefused } from '../failures/request-refused.ts';
import type { EventStream } from '../session/event-stream.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { errorResponse } from './json-rpc-error.ts';
import { checkCapability, declaredCapabilities, NoOpenStream, routeOf } from './message-route.ts';
import { sdkHooks } from './sdk-link.ts';
import type { ServerLink, ServerMessage, ServerPort } from './server-link.ts';

/** Maximum number of unanswered requests of a server. A new one replaces the oldest. */
const maxQuestions = 1000;

const nothing: ReadonlySet<string> = new Set();

/** The hooks of a connection. */
export const connectionHooks = {
  ...sdkHooks,
  /**
   * Returns whether `notifications/cancelled` with this id cancels a request. It never cancels `initialize`
   * (DEADLINE-3).
   */
  namesRequest: (requestId: string | undefined, { id, method }: RequestMessage): boolean =>
    requestId !== undefined && isSameId(requestId, id) && method !== 'initialize',
};
export type ConnectionHooks = typeof connectionHooks;

/** Options of a connection. */
export interface ConnectionOptions {
  /** Creates the server. */
  readonly link: (port: ServerPort) => Promise<ServerLink>;
  /** Receives the server's messages that do not belong to a request. */
  readonly live: Pick<EventStream, 'isRead' | 'push'>;
  readonly hooks: Pick<ConnectionHooks, 'responseId' | 'namesRequest'>;
}

/**
 * The connection of one session to its MCP server. It tracks the messages and the response of each request. The server
 * sees internal ids instead of the caller's ids, so responses repeat the caller's ids exactly (JSONRPC-2).
 */
export class McpConnection implements ServerPort {
  readonly #options: ConnectionOptions;
  readonly #exchanges = new Map<number, Exchange>();
  /** The unanswered requests of the server, and the internal id of the request to which each belongs. */
  readonly #questions = new Map<string | number, number | undefined>();
  #capabilities: ReadonlySet<string> = nothing;
  #link: ServerLink | undefined;
  #nextId = 1;
  #revision: string | undefined;
  #lost: RequestRefused | undefined;
  #onLost: (refusal: RequestRefused) => void = () => undefined;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Creates the server and connects to it. @throws RequestRefused */
  static async open(options: ConnectionOptions): Promise<McpConnection> {
    const connection = new McpConnection(options);
    connection.#link = await options.link(connection);
    return connection;
  }

  /** The negotiated revision, or undefined before the handshake (INIT-7). */
  get revision(): string | undefined {
    return this.#revision;
  }

  get inFlight(): number {
    return this.#exchanges.size;
  }

  /** The resources to which the session is subscribed (MCP-10). */
  get subscriptions(): ReadonlySet<string> {
    return this.#link?.subscriptions ?? nothing;
  }

  exchange(internalId: string | number): Exchange | undefined {
    return this.#exchanges.get(Number(internalId));
  }

  /** Starts a request. The returned function cancels it (DEADLINE-1, DEADLINE-2, POST-5). */
  request(exchange: Exchange): () => void {
    const { request, path } = exchange;
    if (this.#lost !== undefined) {
      path.finish({ kind: 'failed', refusal: this.#lost });
      return () => undefined;
    }
    const refusal = this.#link?.refusalOf(request);
    if (refusal !== undefined) {
      const id = this.#options.hooks.responseId(request.id);
      path.finish({ kind: 'response', json: errorResponse(id, refusal) });
      return () => undefined;
    }
    if (request.method === 'initialize') this.#capabilities = declaredCapabilities(request.params);
    const id = this.#nextId++;
    this.#exchanges.set(id, exchange);
    this.#link?.request(id, exchange);
    return () => this.#cancel(id, 'The call ended');
  }

  notify(notification: NotificationMessage): void {
    if (notification.method !== 'notifications/cancelled') {
      this.#link?.notify(notification);
      return;
    }
    for (const [id, { request }] of this.#exchanges) {
      if (this.#options.hooks.namesRequest(notification.requestId, request)) {
        this.#cancel(id, 'The caller cancelled');
      }
    }
  }

  /** Receives the caller's response to a request from the server (POST-2). Ignores a response to no request. */
  respond(response: ResponseMessage): void {
    if (this.#questions.delete(response.id)) this.#link?.respond(response);
  }

  /** Closes the connection and ends the requests in flight (SESSION-8). */
  async close(): Promise<void> {
    const exchanges = [...this.#exchanges.values()];
    this.#exchanges.clear();
    this.#questions.clear();
    await this.#link?.close();
    for (const { path } of exchanges) path.finish({ kind: 'closed' });
  }

  finish(internalId: number, write: (request: RequestMessage) => string): void {
    const exchange = this.#exchanges.get(internalId);
    if (exchange === undefined) return;
    this.#exchanges.delete(internalId);
    exchange.path.finish({ kind: 'response', json: write(exchange.request) });
  }

  negotiated(revision: string): void {
    this.#revision = revision;
  }

  async send(message: ServerMessage): Promise<void> {
    const { id, method } = message;
    if (id !== undefined) checkCapability(this.#capabilities, method);
    const route = this.#routeOf(message);
    const exchange = route === undefined ? undefined : this.#exchanges.get(route);
    // Its request has ended, or it never had one.
    if (exchange === undefined && (route !== undefined || method === 'notifications/progress')) return;
    if (id !== undefined) this.#ask(id, route);
    const isQuestion = id !== undefined || method === 'notifications/cancelled';
    if (exchange !== undefined && (exchange.path.interactive || !isQuestion)) {
      return exchange.path.message(message.write(exchange.request));
    }
    const { live } = this.#options;
    if (isQuestion && !live.isRead) {
      if (id !== undefined) this.#questions.delete(id);
      throw new NoOpenStream('No stream is open');
    }
    await live.push(message.write(undefined));
  }

  lose(refusal: RequestRefused): void {
    if (this.#lost !== undefined) return;
    this.#lost = refusal;
    const exchanges = [...this.#exchanges.values()];
    this.#exchanges.clear();
    this.#questions.clear();
    for (const { path } of exchanges) path.finish({ kind: 'failed', refusal });
    this.#onLost(refusal);
  }

  /** Calls a listener once when the server is lost, immediately if it already is. */
  onLost(listener: (refusal: RequestRefused) => void): void {
    if (this.#lost === undefined) this.#onLost = listener;
    else listener(this.#lost);
  }

  #cancel(id: number, reason: string): void {
    const exchange = this.#exchanges.get(id);
    if (exchange === undefined) return;
    this.#exchanges.delete(id);
    this.#link?.cancel(id, reason);
    exchange.path.finish({ kind: 'cancelled' });
  }

  #routeOf(message: ServerMessage): number | undefined {
    const { method, params } = message;
    if (method === 'notifications/cancelled' && isObject(params)) {
      const question = params['requestId'] as string | number;
      const route = this.#questions.get(question);
      this.#questions.delete(question);
      if (message.related === undefined) return route;
    }
    return routeOf(message, {
      exchanges: this.#exchanges,
      statesRelation: this.#link?.statesRelation ?? true,
      liveIsRead: this.#options.live.isRead,
    });
  }

  #ask(id: string | number, route: number | undefined): void {
    if (this.#questions.size >= maxQuestions) {
      for (const oldest of this.#questions.keys()) {
        this.#questions.delete(oldest);
        break;
      }
    }
    this.#questions.set(id, route);
  }
}

/** Returns whether two JSON tokens are the same id. Strings may differ in their escapes. Numbers must match exactly. */
function isSameId(one: string, other: string): boolean {
  if (one === other) return true;
  return one.startsWith('"') && other.startsWith('"') && JSON.parse(one) === JSON.parse(other);
}
