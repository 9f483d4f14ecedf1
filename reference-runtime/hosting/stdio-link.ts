import { isObject } from '../../base/is-object.ts';
import { type RequestRefused, refused } from '../failures/request-refused.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from '../mcp/envelope.ts';
import type { Exchange } from '../mcp/exchange.ts';
import {
  errorResponse,
  invalidParams,
  type RpcError,
  rpcError,
  rpcErrorCodes,
  shieldHostedError,
} from '../mcp/json-rpc-error.ts';
import { jsonToken, replaceToken } from '../mcp/json-token.ts';
import { CapabilityMissing } from '../mcp/message-route.ts';
import { isServedMethod, misfitOf, type Sdk, servedRevisions } from '../mcp/sdk.ts';
import type { ServerLink, ServerPort } from '../mcp/server-link.ts';
import type { Logger } from '../options.ts';
import { withServedRevision } from './hosted-server.ts';
import type { ProcessExit, ServerProcess, ServerProcessListener } from './server-process.ts';

/** Number of bytes that a process has not read, from which on it gets no further requests. */
const maxUnreadBytes = 16 * 1024 * 1024;

/** Options of a link to a process. */
export interface StdioLinkOptions {
  readonly sdk: Sdk;
  /** The label of the session in the log. */
  readonly session: string;
  readonly logger: Logger;
  readonly port: ServerPort;
  /** Milliseconds that the server may take to answer `initialize`. */
  readonly startMs: number;
  /** Starts the process. */
  start(listener: ServerProcessListener): Promise<ServerProcess>;
}

/**
 * An MCP server in a process. Params, results and errors stay text, so that unknown members and the digits of numbers
 * survive. Only ids and progress tokens are replaced.
 */
export class StdioLink implements ServerLink {
  /** The stdio transport does not say to which request a message belongs. */
  readonly statesRelation = false;
  readonly #options: StdioLinkOptions;
  #process: ServerProcess | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  #closing = false;

  private constructor(options: StdioLinkOptions) {
    this.#options = options;
  }

  /** Starts the process. @throws any error of the start */
  static async start(options: StdioLinkOptions): Promise<StdioLink> {
    const link = new StdioLink(options);
    link.#process = await options.start({
      onMessage: (line) => link.#receive(line),
      onTooLong: () => link.#fail('The MCP server sent a message that is too large'),
      onLog: (line) => options.logger.info({ session: options.session, line }, 'stderr of the MCP server'),
      onExit: (exit) => link.#exited(exit),
    });
    return link;
  }

  refusalOf({ method, params }: RequestMessage): RpcError | undefined {
    const isKnown = isServedMethod(method) && method !== 'initialize';
    const misfit = isKnown ? misfitOf(this.#options.sdk, method, params) : undefined;
    if (misfit !== undefined) return invalidParams(misfit);
    if ((this.#process?.unreadBytes ?? 0) <= maxUnreadBytes) return undefined;
    const message = 'The MCP server does not read its messages';
    return rpcError('RATE_LIMITED', 'server_not_reading', rpcErrorCodes.serverError, message);
  }

  request(internalId: number, { request }: Exchange): void {
    if (request.method === 'initialize') this.#limitStart();
    const isServed = withServedRevision(request) === request.params;
    const latest = JSON.stringify(servedRevisions[0]);
    const text = isServed ? request.text : replaceToken(request.text, ['params', 'protocolVersion'], latest);
    this.#send(envelope(text, ['method', 'params'], String(internalId)));
  }

  notify({ text }: NotificationMessage): void {
    this.#send(envelope(text, ['method', 'params']));
  }

  cancel(requestId: number, reason: string): void {
    const params = { requestId, reason };
    this.#send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }));
  }

  respond({ text }: ResponseMessage): void {
    this.#send(envelope(text, ['result', 'error'], jsonToken(text, ['id'])));
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#startTimer);
    void this.#process?.end();
  }

  #limitStart(): void {
    const { startMs } = this.#options;
    const message = `The MCP server did not answer initialize within ${startMs / 1000} s`;
    this.#startTimer = setTimeout(() => this.#fail(message), startMs).unref();
  }

  #send(text: string): void {
    this.#process?.send(oneLine(text));
  }

  #receive(line: string): void {
    const value = parse(line);
    if (value === undefined) {
      if (line.trim() !== '')
        this.#log('warn', 'the MCP server wrote a line to stdout that is not a message');
      return;
    }
    const { id, method, result, error } = value;
    if (typeof method === 'string') {
      void this.#forward(oneLine(line), value, method);
    } else if (typeof id === 'number') {
      this.#finish(id, oneLine(line), { result, error });
    } else this.#log('warn', 'the MCP server sent a response to no request');
  }

  #finish(id: number, text: string, { result, error }: { result: unknown; error: unknown }): void {
    const { port, logger, session } = this.#options;
    if (port.exchange(id)?.request.method === 'initialize') {
      clearTimeout(this.#startTimer);
      if (isObject(result)) port.negotiated(String(result['protocolVersion']));
    }
    const internal = isObject(error) && error['code'] === rpcErrorCodes.internalError;
    if (internal) logger.error({ session, error: error['message'] }, 'a request failed unexpectedly');
    port.finish(id, ({ id: token }) =>
      internal
        ? errorResponse(token, shieldHostedError({ code: rpcErrorCodes.internalError, message: '' }))
        : replaceToken(text, ['id'], token),
    );
  }

  async #forward(text: string, { id, params }: Record<string, unknown>, method: string): Promise<void> {
    const isRequest = typeof id === 'string' || typeof id === 'number';
    try {
      await this.#options.port.send({
        id: isRequest ? id : undefined,
        method,
        params,
        related: undefined,
        write: (request) =>
          method === 'notifications/progress' && request?.progressToken !== undefined
            ? replaceToken(text, ['params', 'progressToken'], request.progressToken)
            : text,
      });
    } catch (error) {
      const token = isRequest ? jsonToken(text, ['id']) : undefined;
      if (token !== undefined) this.#send(undelivered(token, method, error));
    }
  }

  #exited({ code, signal }: ProcessExit): void {
    clearTimeout(this.#startTimer);
    if (this.#closing) return;
    this.#log('warn', `the MCP server ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}`);
    this.#lose(refused('UPSTREAM_ERROR', 'server_ended', 'The MCP server of the session ended unexpectedly'));
  }

  #fail(message: string): void {
    this.#log('warn', message);
    this.#lose(refused('UPSTREAM_ERROR', 'server_failed', message));
  }

  #lose(refusal: RequestRefused): void {
    this.#options.port.lose(refusal);
    void this.close();
  }

  #log(level: 'warn' | 'info', message: string): void {
    const { logger, session } = this.#options;
    logger[level]({ session, pid: this.#process?.pid }, message);
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a message with the same members, as they are, and no others: JSON-RPC defines no further members, and servers
 * of the SDK ignore a message that has one.
 */
function envelope(text: string, names: readonly string[], id?: string): string {
  const members = names.map((name) => [name, jsonToken(text, [name])] as const);
  return [['jsonrpc', '"2.0"'] as const, ['id', id] as const, ...members]
    .filter(([, token]) => token !== undefined)
    .map(([name, token], index) => `${index === 0 ? '{' : ','}"${name}":${token}`)
    .join('')
    .concat('}');
}

/** Line breaks in JSON are white space. The stdio transport and SSE do not allow them. */
function oneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replaceAll(/[\r\n]/g, ' ') : json;
}

/** The response to a request that did not reach the caller. The runtime answers `ping` itself. */
function undelivered(id: string, method: string, error: unknown): string {
  if (method === 'ping') return `{"jsonrpc":"2.0","id":${id},"result":{}}`;
  return error instanceof CapabilityMissing
    ? errorResponse(id, { code: rpcErrorCodes.methodNotFound, message: error.message })
    : errorResponse(id, { code: rpcErrorCodes.serverError, message: 'The caller has no open stream' });
}
