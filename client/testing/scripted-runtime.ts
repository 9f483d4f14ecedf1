import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
} from '@grpc/grpc-js';
import { serviceDefinition } from '../../proto/grpc-service.ts';
import {
  HealthResponseSchema,
  type McpChunk,
  McpChunkSchema,
  type McpRequest,
  type McpResponse,
  McpResponseSchema,
  McpRuntime,
} from '../../proto/index.ts';

/** A temporary folder for the sockets of a test. Disposing of the folder deletes it. */
export interface SocketFolder extends AsyncDisposable {
  /** The path of a socket in the folder. */
  readonly socketPath: string;
}

export async function socketFolder(): Promise<SocketFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'client-'));
  return {
    socketPath: join(folder, 'mcp.sock'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

type ResponseInit = MessageInitShape<typeof McpResponseSchema>;
export type ChunkInit = MessageInitShape<typeof McpChunkSchema>;
export type UnaryScriptCall = ServerUnaryCall<McpRequest, McpResponse>;
export type StreamScriptCall = ServerWritableStream<McpRequest, McpChunk>;

/** The handlers of a scripted runtime. A unary handler returns a response, throws a status or never settles. */
export interface RuntimeScript {
  invoke?(request: McpRequest, call: UnaryScriptCall): Promise<ResponseInit> | ResponseInit;
  closeSession?(request: McpRequest, call: UnaryScriptCall): Promise<ResponseInit> | ResponseInit;
  /** Writes chunks and ends the call. */
  invokeStream?(call: StreamScriptCall, request: McpRequest): Promise<void> | void;
  health?(): MessageInitShape<typeof HealthResponseSchema>;
  /** The number of concurrent calls that the runtime permits on a connection. Default: no limit. */
  readonly maxCalls?: number;
}

/** Creates a gRPC status for a script to throw. */
export function grpcFailure(code: number, details: string): Error & Partial<StatusObject> {
  return Object.assign(new Error(details), { code, details });
}

/** A runtime that runs a script on a real socket. */
export interface ScriptedRuntime extends AsyncDisposable {
  /** Stops immediately: closes the connections and the socket. */
  kill(): void;
}

export async function startRuntime(socketPath: string, script: RuntimeScript): Promise<ScriptedRuntime> {
  const { maxCalls } = script;
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    ...(maxCalls !== undefined && { 'grpc.max_concurrent_streams': maxCalls }),
  });
  const unary =
    (answer: RuntimeScript['invoke']) =>
    async (
      call: UnaryScriptCall,
      callback: (error: Partial<StatusObject> | null, response?: McpResponse) => void,
    ) => {
      try {
        callback(null, create(McpResponseSchema, (await answer?.(call.request, call)) ?? { status: 200 }));
      } catch (error) {
        callback(error as Partial<StatusObject>);
      }
    };
  server.addService(serviceDefinition(McpRuntime), {
    invoke: unary(script.invoke),
    closeSession: unary(script.closeSession),
    invokeStream: async (call: StreamScriptCall) => {
      try {
        await script.invokeStream?.(call, call.request);
      } catch (error) {
        call.emit('error', error);
      }
    },
    healthCheck: (_call: unknown, callback: (error: null, response: unknown) => void) =>
      callback(null, create(HealthResponseSchema, script.health?.() ?? { status: 'ok', mode: 'full' })),
  });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socketPath}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return {
    kill: () => server.forceShutdown(),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** Writes chunks, and respects back-pressure. */
export async function writeChunks(call: StreamScriptCall, chunks: Iterable<ChunkInit>): Promise<void> {
  for (const chunk of chunks) {
    if (!call.write(create(McpChunkSchema, chunk))) await once(call, 'drain');
  }
}

/** Creates a script that writes chunks and ends with gRPC OK. */
export function chunksThenOk(...chunks: ChunkInit[]): RuntimeScript {
  return {
    async invokeStream(call) {
      await writeChunks(call, chunks);
      call.end();
    },
  };
}

/** Encodes text as UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
