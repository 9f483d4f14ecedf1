import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  bytes,
  type RuntimeScript,
  type ScriptedRuntime,
  socketFolder,
  startRuntime,
} from '../../client/testing/scripted-runtime.ts';
import type { McpRequest } from '../../proto/index.ts';
import {
  createGateway,
  type Gateway,
  type GatewayOptions,
  type GatewayServer,
  grpcRuntime,
  serveGateway,
} from '../index.ts';

/** The header fields of a JSON answer. */
export const json = { 'content-type': 'application/json' };
/** The health of a runtime with streaming capabilities. */
export const streaming = { status: 'ok', mode: 'full', capabilities: ['stream-head', 'stream-post'] };
/** The head of a stream of events. */
export const eventStream = { status: 200, headers: { 'content-type': 'text/event-stream' } };

/** Returns a script that records and answers all requests. */
export function recorder(): { readonly seen: McpRequest[]; readonly script: RuntimeScript } {
  const seen: McpRequest[] = [];
  const answer = (request: McpRequest) => {
    seen.push(request);
    return { status: 200, headers: json, body: bytes('{}') };
  };
  return { seen, script: { invoke: answer, closeSession: answer } };
}

/** A gateway over HTTP with a scripted runtime. */
export class ScriptedGateway implements AsyncDisposable {
  readonly gateway: Gateway;
  readonly server: GatewayServer;
  readonly socketPath: string;
  readonly #resources: AsyncDisposable[];
  #runtime: ScriptedRuntime | undefined;

  private constructor(parts: {
    readonly gateway: Gateway;
    readonly server: GatewayServer;
    readonly socketPath: string;
    readonly resources: AsyncDisposable[];
  }) {
    this.gateway = parts.gateway;
    this.server = parts.server;
    this.socketPath = parts.socketPath;
    this.#resources = parts.resources;
  }

  /** @param script the script of the runtime. If undefined, no runtime is listening yet */
  static async start(
    script: RuntimeScript | undefined,
    options: Partial<GatewayOptions> = {},
  ): Promise<ScriptedGateway> {
    const folder = await socketFolder();
    const { socketPath } = folder;
    const runtime = grpcRuntime({ socketPath }, options.limits);
    const gateway = createGateway({ runtime, anonymous: 'allow', ...options });
    const server = await serveGateway(gateway, { host: '127.0.0.1', port: 0 });
    const scripted = new ScriptedGateway({ gateway, server, socketPath, resources: [folder, server] });
    if (script !== undefined) await scripted.startRuntime(script);
    return scripted;
  }

  get url(): string {
    return `${this.server.url}/mcp`;
  }

  /** Starts a runtime, for example after the previous one was killed. */
  async startRuntime(script: RuntimeScript): Promise<void> {
    this.#runtime = await startRuntime(this.socketPath, script);
    this.#resources.push(this.#runtime);
  }

  killRuntime(): void {
    this.#runtime?.kill();
  }

  /** Opens a raw connection to the gateway, for requests that HTTP clients cannot send. */
  connect(): Socket {
    const { hostname, port } = new URL(this.server.url);
    return connect(Number(port), hostname);
  }

  /** Sends raw lines with CRLF, and reads until the gateway closes the connection. */
  async raw(lines: readonly string[], body = ''): Promise<string> {
    const socket = this.connect();
    socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1'));
    return text(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#resources.reverse()) await resource[Symbol.asyncDispose]();
  }
}

/** Creates a POST of JSON that accepts server-sent events. */
export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
