import { Agent, type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { type LiveStream, openLiveStream } from './live-stream.ts';
import type { Reply } from './reply.ts';

/** The endpoint and the identity of a client. */
export interface McpClientOptions {
  readonly url: URL;
  /** A bearer token. */
  readonly token: string;
}

/** Options of a request. */
export interface CallOptions {
  readonly session?: string;
  /** The client gives up when the signal aborts. The reply is then `late`. */
  readonly signal?: AbortSignal;
  /** Whether the client accepts an answer as a stream of events. */
  readonly streams?: boolean;
}

const revision = '2025-11-25';

/** An MCP client over HTTP. It reports each failure unchanged, and does not retry. */
export class McpClient implements Disposable {
  readonly #options: McpClientOptions;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(options: McpClientOptions) {
    this.#options = options;
  }

  /** Opens a session. `session` is undefined if the reply does not acknowledge one. */
  async open(
    options: CallOptions = {},
  ): Promise<{ readonly reply: Reply; readonly session: string | undefined }> {
    const clientInfo = { name: 'chaos', version: '1' };
    const params = { protocolVersion: revision, capabilities: {}, clientInfo };
    const reply = await this.post({ jsonrpc: '2.0', id: 'open', method: 'initialize', params }, options);
    const id = reply.kind === 'answer' && reply.status === 200 ? reply.headers['mcp-session-id'] : undefined;
    return { reply, session: typeof id === 'string' ? id : undefined };
  }

  /** Calls a tool. */
  call(id: string, tool: string, args: object, options: CallOptions): Promise<Reply> {
    return this.post(toolCall(id, tool, args), options);
  }

  /** Posts a message. */
  post(message: object, options: CallOptions): Promise<Reply> {
    const accept = options.streams === false ? 'application/json' : 'application/json, text/event-stream';
    const headers = { 'content-type': 'application/json', accept };
    return this.#send('POST', headers, { ...options, body: JSON.stringify(message) });
  }

  /** Closes a session. */
  close(session: string, { signal }: CallOptions = {}): Promise<Reply> {
    return this.#send('DELETE', {}, { session, ...(signal && { signal }) });
  }

  /** Opens the live stream of a session. @param lastEventId the event after which the stream continues */
  live(session: string, lastEventId: string | undefined, signal: AbortSignal): Promise<LiveStream | Reply> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    // The stream has a connection of its own, because it may last as long as the session.
    const sent = request(this.#options.url, {
      ...this.#requestOptions('GET', headers, { session }),
      agent: false,
    });
    sent.end();
    return openLiveStream(sent, signal);
  }

  /** Calls a tool and never reads the answer. */
  unread(session: string, tool: string, args: object): ClientRequest {
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const sent = request(this.#options.url, {
      ...this.#requestOptions('POST', headers, { session }),
      agent: false,
    });
    sent.on('error', () => undefined);
    sent.on('response', (response) => response.on('error', () => undefined).pause());
    sent.end(JSON.stringify(toolCall('unread', tool, args)));
    return sent;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #send(
    method: string,
    headers: Readonly<Record<string, string>>,
    { body, signal, ...options }: CallOptions & { readonly body?: string },
  ): Promise<Reply> {
    return new Promise((resolve) => {
      const sent = request(this.#options.url, this.#requestOptions(method, headers, options));
      const giveUp = () => {
        resolve({ kind: 'late' });
        sent.destroy();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      const settle = (reply: Reply) => {
        signal?.removeEventListener('abort', giveUp);
        resolve(reply);
      };
      sent.on('error', (error: NodeJS.ErrnoException) =>
        settle({ kind: 'broken', code: error.code ?? error.message }),
      );
      sent.on('response', (response) => readReply(response, settle));
      sent.end(body);
      if (signal?.aborted) giveUp();
    });
  }

  #requestOptions(
    method: string,
    headers: Readonly<Record<string, string>>,
    { session }: CallOptions,
  ): RequestOptions {
    return {
      method,
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${this.#options.token}`,
        'mcp-protocol-version': revision,
        ...(session !== undefined && { 'mcp-session-id': session }),
        ...headers,
      },
    };
  }
}

function toolCall(id: string, tool: string, args: object): object {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name: tool, arguments: args } };
}

function readReply(response: IncomingMessage, settle: (reply: Reply) => void): void {
  const pieces: Buffer[] = [];
  response.on('data', (piece: Buffer) => pieces.push(piece));
  response.on('error', (error: NodeJS.ErrnoException) =>
    settle({ kind: 'broken', code: error.code ?? error.message }),
  );
  response.on('end', () => {
    const { statusCode: status = 0, headers } = response;
    settle({ kind: 'answer', status, headers, body: Buffer.concat(pieces).toString() });
  });
}
