import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  Client,
  type ClientReadableStream,
  credentials,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { serviceDefinition } from '../../proto/grpc-service.ts';
import {
  HealthRequestSchema,
  type HealthResponse,
  McpAuthContextSchema,
  type McpChunk,
  McpRequestSchema,
  type McpResponse,
  McpRuntime,
} from '../../proto/index.ts';
import type { RuntimeHooks } from '../hooks.ts';
import { composeRuntime, type Runtime } from '../runtime.ts';
import type { RuntimeOptions } from '../runtime-options.ts';
import { Http2Connection } from './http2-connection.ts';

const definition = serviceDefinition(McpRuntime);
const decoder = new TextDecoder();
const encoder = new TextEncoder();
const callMs = 10_000;

/** The fields of a request. `json` becomes the body. */
export type RequestFields = Omit<MessageInitShape<typeof McpRequestSchema>, '$typeName'> & {
  readonly json?: unknown;
};

/** Settings of a call. */
export interface CallSettings {
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  readonly metadata?: Metadata;
}

/** Returns an auth context with claims. */
export function authContext(claims: object, expiresAtEpochMs = 0n) {
  const encoded = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return create(McpAuthContextSchema, { encoded, expiresAtEpochMs });
}

/** Returns the auth context of a caller with this email. */
export function callerNamed(email: string) {
  return authContext({ email, is_authenticated: true });
}

/** The default auth context of tests. */
export const alice = callerNamed('alice@example.com');

/** Returns the body of a response as text. */
export function textOf(response: McpResponse): string {
  return decoder.decode(response.body);
}

/** Returns the parsed JSON body of a response. */
export function jsonOf(response: McpResponse) {
  return JSON.parse(textOf(response));
}

/** Creates a JSON-RPC request. */
export function rpc(id: number | string, method: string, params?: object) {
  return { jsonrpc: '2.0', id, method, ...(params && { params }) };
}

/** Creates a `tools/call` request. */
export function toolCall(id: number | string, name: string, args: object = {}, meta?: object) {
  return rpc(id, 'tools/call', { name, arguments: args, ...(meta && { _meta: meta }) });
}

/** Creates an `initialize` request. */
export function initialize(revision = '2025-11-25', capabilities: object = {}) {
  const clientInfo = { name: 'test', version: '1' };
  return rpc(0, 'initialize', { protocolVersion: revision, capabilities, clientInfo });
}

/** One server-sent event. */
export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly retry: string | undefined;
  readonly data: string;
}

/** Splits the text of a stream into its events. */
export function eventsOf(text: string): ReceivedEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      return { id: field('id'), retry: field('retry'), data: field('data') ?? '' };
    });
}

/** An open stream and the chunks received so far. */
export class OpenStream {
  readonly chunks: McpChunk[] = [];
  readonly call: ClientReadableStream<McpChunk>;
  /** The final gRPC status of the stream. */
  readonly ended: Promise<number>;
  #listeners: (() => void)[] = [];

  constructor(call: ClientReadableStream<McpChunk>) {
    this.call = call;
    call.on('data', (chunk: McpChunk) => {
      this.chunks.push(chunk);
      for (const listener of this.#listeners.splice(0)) listener();
    });
    this.ended = new Promise((resolve) => {
      call.on('error', (error: ServiceError) => resolve(error.code));
      call.on('status', ({ code }) => resolve(code));
    });
    void this.ended.then(() => {
      for (const listener of this.#listeners.splice(0)) listener();
    });
  }

  /** The text received so far. */
  get text(): string {
    return decoder.decode(Buffer.concat(this.chunks.map(({ data }) => data)));
  }

  /** The events with data received so far. */
  get messages() {
    return eventsOf(this.text).filter(({ data }) => data !== '');
  }

  /** Waits for a condition. @throws Error if the stream ends before */
  async until<T>(look: (stream: OpenStream) => T | undefined | false): Promise<T> {
    let isOver = false;
    void this.ended.then(() => {
      isOver = true;
    });
    for (;;) {
      const found = look(this);
      if (found !== undefined && found !== false) return found;
      if (isOver) throw new Error(`the stream ended too early: ${this.text.slice(0, 500)}`);
      await new Promise<void>((resolve) => this.#listeners.push(resolve));
    }
  }

  /** Waits for a number of messages and returns them parsed. */
  async received(count: number) {
    await this.until(({ messages }) => messages.length >= count);
    return this.messages.map(({ data }) => JSON.parse(data));
  }
}

/** A runtime on a temporary socket, and a client for it. */
export class Harness implements AsyncDisposable {
  readonly runtime: Runtime;
  readonly socketPath: string;
  readonly client: Client;
  readonly #folder: string;
  readonly #http2Connections: Http2Connection[] = [];

  private constructor(runtime: Runtime, folder: string) {
    this.runtime = runtime;
    this.#folder = folder;
    this.socketPath = join(folder, 's');
    this.client = this.connect();
  }

  /** Starts a runtime. */
  static async start(options: RuntimeOptions = {}, hooks: Partial<RuntimeHooks> = {}): Promise<Harness> {
    const harness = new Harness(composeRuntime(options, hooks), await mkdtemp(join(tmpdir(), 'mcp-')));
    await harness.runtime.listen(harness.socketPath);
    return harness;
  }

  /** Opens another connection. */
  connect(): Client {
    return new Client(`unix:${this.socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** Opens an HTTP/2 connection without a gRPC client. It ends with the harness. */
  connectHttp2(wrap?: ConstructorParameters<typeof Http2Connection>[1]): Http2Connection {
    const connection = new Http2Connection(this.socketPath, wrap);
    this.#http2Connections.push(connection);
    return connection;
  }

  /** Makes a unary call. @throws ServiceError for a gRPC status other than OK */
  unary(rpcName: 'invoke' | 'closeSession', fields: RequestFields, settings: CallSettings = {}) {
    const { path, requestSerialize, responseDeserialize } = definition[rpcName];
    const request = requestOf(fields);
    return this.#unary<McpResponse>(path, requestSerialize(request), responseDeserialize, settings);
  }

  /** Makes a unary call with a serialised request message. */
  raw(path: string, bytes: Uint8Array, settings: CallSettings = {}) {
    const { responseDeserialize } = definition.invoke;
    return this.#unary<McpResponse>(path, Buffer.from(bytes), responseDeserialize, settings);
  }

  health(): Promise<HealthResponse> {
    const { path, requestSerialize, responseDeserialize } = definition.healthCheck;
    return this.#unary(path, requestSerialize(create(HealthRequestSchema)), responseDeserialize, {});
  }

  invoke(json: unknown, fields: RequestFields = {}, settings: CallSettings = {}) {
    return this.unary('invoke', { ...fields, json }, settings);
  }

  /** Opens a stream. */
  stream(fields: RequestFields, client: Client = this.client): OpenStream {
    const { path, requestSerialize, responseDeserialize } = definition.invokeStream;
    return new OpenStream(
      client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, requestOf(fields)),
    );
  }

  /** Opens a session and returns its id. */
  async session(capabilities: object = {}, fields: RequestFields = {}, revision = '2025-11-25') {
    const response = await this.invoke(initialize(revision, capabilities), fields);
    const sessionId = response.headers['mcp-session-id'];
    if (sessionId === undefined) throw new Error(`no session: ${textOf(response)}`);
    return sessionId;
  }

  /** Calls a tool and returns the text of its first block. */
  async callTool(sessionId: string, name: string, args: object = {}, fields: RequestFields = {}) {
    const response = await this.invoke(toolCall(1, name, args), { sessionId, ...fields });
    return jsonOf(response).result.content[0].text as string;
  }

  async [Symbol.asyncDispose]() {
    this.client.close();
    for (const connection of this.#http2Connections) connection[Symbol.dispose]();
    await this.runtime.close({ drainMs: 1000 });
    await rm(this.#folder, { recursive: true, force: true });
  }

  #unary<T>(
    path: string,
    bytes: Buffer,
    deserialize: (bytes: Buffer) => T,
    { signal, deadlineMs = callMs, metadata }: CallSettings,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (error: ServiceError | null, response?: T) => {
        if (response === undefined) reject(error);
        else resolve(response);
      };
      const options = { deadline: Date.now() + deadlineMs };
      const serialize = (value: Buffer) => value;
      const call =
        metadata === undefined
          ? this.client.makeUnaryRequest(path, serialize, deserialize, bytes, options, settle)
          : this.client.makeUnaryRequest(path, serialize, deserialize, bytes, metadata, options, settle);
      signal?.addEventListener('abort', () => call.cancel(), { once: true });
    });
  }
}

function requestOf({ json, ...fields }: RequestFields) {
  const body = json === undefined ? fields.body : encoder.encode(JSON.stringify(json));
  return create(McpRequestSchema, {
    path: '/mcp',
    authContext: alice,
    ...fields,
    ...(body !== undefined && { body }),
  });
}
