import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { grpcStatusCode } from '../../base/grpc-status.ts';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import {
  HealthResponseSchema,
  type McpChunk,
  McpChunkSchema,
  type McpRequest,
  McpRequestSchema,
  type McpResponse,
  McpResponseSchema,
} from '../../proto/index.ts';
import type { Instance, InstanceExit, Runner, RunnerControl } from '../../runners/runner.ts';
import { beginResponse, endWithTrailers, readMessage } from '../wire/serve-call.ts';

const unimplemented = { 'grpc-status': String(grpcStatusCode('UNIMPLEMENTED')) };

type Parts<Message> = Partial<Omit<Message, '$typeName' | '$unknown'>>;

/** The responses of a scripted target, possibly asynchronous. An RPC without a handler is not implemented. */
export interface Script {
  readonly health?: { readonly status?: string; readonly capabilities?: readonly string[] };
  invoke?(request: McpRequest): Promise<Parts<McpResponse>> | Parts<McpResponse>;
  invokeStream?(request: McpRequest): AsyncIterable<Parts<McpChunk>> | Iterable<Parts<McpChunk>>;
  closeSession?(request: McpRequest): Parts<McpResponse>;
}

/** A runner whose target is a script in this process: a faulty runtime for tests of the engine. */
export class ScriptedTarget implements Runner {
  readonly label = 'scripted target';
  readonly kind = 'socket';
  readonly sessionsOutliveRun = true;
  readonly controls: ReadonlySet<RunnerControl> = new Set();
  readonly #script: Script;
  #server: Http2Server | undefined;
  #sessions = new Set<ServerHttp2Session>();
  #exit: (exit: InstanceExit) => void = () => undefined;
  launches = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  async launch(): Promise<Instance> {
    this.launches += 1;
    const folder = await mkdtemp(join(tmpdir(), 'scripted-'));
    const path = join(folder, 's');
    const server = createServer();
    this.#server = server;
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => undefined);
    });
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      this.#serve(stream, String(headers[':path'])).catch(() => stream.close(2));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return {
      address: { kind: 'unix', path },
      place: undefined,
      logs: { between: () => [], last: () => [], ended: Promise.resolve() },
      exit: new Promise((resolve) => {
        this.#exit = resolve;
      }),
      mainProcess: async () => undefined,
      signal: async () => undefined,
      diagnose: async () => undefined,
      [Symbol.asyncDispose]: async () => {
        this.#drop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }

  /** Exits like a killed process. */
  die(): void {
    this.#drop();
    this.#exit({ code: null, signal: 'SIGKILL' });
  }

  makePlace(): Promise<never> {
    return Promise.reject(new Error('a scripted target does not support socket places'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#drop();
  }

  #drop(): void {
    for (const session of this.#sessions) session.destroy();
    this.#sessions.clear();
    this.#server?.close();
  }

  async #serve(stream: ServerHttp2Stream, path: string): Promise<void> {
    const rpc = path.slice(path.lastIndexOf('/') + 1);
    const bytes = await new Promise<Uint8Array>((resolve) => {
      readMessage(stream, 16 << 20, (message) => message && resolve(message));
    });
    if (rpc === 'HealthCheck') {
      const { status = 'ok', capabilities = [] } = this.#script.health ?? {};
      const health = { status, mode: 'full', version: '1', capabilities: [...capabilities] };
      return reply(stream, [toBinary(HealthResponseSchema, create(HealthResponseSchema, health))]);
    }
    const request = fromBinary(McpRequestSchema, bytes);
    if (rpc === 'InvokeStream') return this.#stream(stream, request);
    const answer =
      rpc === 'Invoke' ? await this.#script.invoke?.(request) : this.#script.closeSession?.(request);
    if (answer === undefined) return endWithTrailers(stream, unimplemented);
    reply(stream, [toBinary(McpResponseSchema, create(McpResponseSchema, answer))]);
  }

  async #stream(stream: ServerHttp2Stream, request: McpRequest): Promise<void> {
    const chunks = this.#script.invokeStream?.(request);
    if (chunks === undefined) return endWithTrailers(stream, unimplemented);
    beginResponse(stream);
    for await (const chunk of chunks) {
      stream.write(encodeLengthPrefixed(toBinary(McpChunkSchema, create(McpChunkSchema, chunk))));
    }
    stream.end();
  }
}

function reply(stream: ServerHttp2Stream, messages: readonly Uint8Array[]): void {
  beginResponse(stream);
  for (const message of messages) stream.write(encodeLengthPrefixed(message));
  stream.end();
}
