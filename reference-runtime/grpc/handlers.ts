import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { create, fromBinary } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type { Signal } from '../../base/signal.ts';
import { rawRequestServiceDefinition } from '../../proto/grpc-service.ts';
import {
  HealthRequestSchema,
  type HealthResponse,
  HealthResponseSchema,
  type HttpMethod,
  type McpChunk,
  type McpRequest,
  McpRequestSchema,
  type McpResponse,
  McpResponseSchema,
  McpRuntime,
  type RequestRpc,
} from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import { RequestRefused } from '../failures/request-refused.ts';
import { type Answer, refusalAnswer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { ClientConnection } from '../http2/client-connection.ts';
import type { Logger, RuntimeLimits } from '../options.ts';
import { acceptCall, logUnexpected, type Serving, servingHooks } from '../service/serving.ts';
import { callSignal, guardCalls, type IncomingCall } from './signals.ts';
import { chunkHooks, StreamWriter } from './stream-writer.ts';

/** The hooks of the gRPC server. */
export const grpcHooks = {
  ...servingHooks,
  ...chunkHooks,
  /** Decodes a request message. @throws Error for bytes that are not valid protobuf (RPC-3, RPC-4). */
  decodeRequest: (bytes: Uint8Array): McpRequest => fromBinary(McpRequestSchema, bytes),
  /** Encodes an answer as a response message (ERROR-1). */
  responseOf: (answer: Answer): McpResponse =>
    create(McpResponseSchema, { ...answer, headers: { ...answer.headers } }),
  callSignal,
  /** Returns the connection for the HTTP/2 server (RPC-18, RPC-21). */
  acceptConnection: (socket: Socket): Duplex => new ClientConnection(socket),
  /** The interceptor of every call (DEADLINE-5, RPC-17). */
  interceptors: [guardCalls] as readonly grpc.ServerInterceptor[],
  /** Limits the decompressed size of received messages (LIMIT-2 to -4). Sent messages are unlimited. */
  messageLimits: ({ maxBodyBytes, maxEnvelopeBytes }: RuntimeLimits): grpc.ServerOptions => ({
    'grpc.max_receive_message_length': maxBodyBytes + maxEnvelopeBytes,
    'grpc.max_send_message_length': -1,
  }),
  addService,
  /** Returns the final gRPC status of a call (ERROR-3, ERROR-4). */
  grpcStatus: (ended: Partial<grpc.StatusObject>): Partial<grpc.StatusObject> => ended,
};
export type GrpcHooks = typeof grpcHooks;

/** Options for the RPC handlers. */
export type HandlerOptions = Serving<GrpcHooks>;

/** The implementation of the service, for grpc-js. */
export interface Handlers {
  readonly invoke: grpc.handleUnaryCall<Uint8Array, McpResponse>;
  readonly invokeStream: grpc.handleServerStreamingCall<Uint8Array, McpChunk>;
  readonly closeSession: grpc.handleUnaryCall<Uint8Array, McpResponse>;
  readonly healthCheck: grpc.handleUnaryCall<Uint8Array, HealthResponse>;
}

/** Registers exactly the methods of the contract (RPC-1, RPC-2). */
export function addService(server: grpc.Server, handlers: Handlers): void {
  server.addService(rawRequestServiceDefinition(McpRuntime), { ...handlers });
}

/** Creates the RPC handlers. They receive requests as bytes, so that they can refuse invalid ones (RPC-4). */
export function createHandlers(options: HandlerOptions): Handlers {
  const { service } = options;
  return {
    invoke: unary(options, 'Invoke', (call) => service.invoke(call)),
    closeSession: unary(options, 'CloseSession', (call) => service.closeSession(call)),
    invokeStream: stream(options),
    healthCheck: (call, callback) => {
      try {
        decoded(() => fromBinary(HealthRequestSchema, call.request));
        const health = options.hooks.health(options.health());
        callback(null, create(HealthResponseSchema, { ...health, capabilities: [...health.capabilities] }));
      } catch (error) {
        callback(options.hooks.grpcStatus(statusOf(error, options.logger)));
      }
    },
  };
}

/** @throws CallRefused for bytes that are not valid protobuf */
function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw new CallRefused('INVALID_ARGUMENT', 'The request message is not valid protobuf');
  }
}

function read(options: HandlerOptions, rpc: RequestRpc, call: IncomingCall, signal: Signal): Call {
  return acceptCall(options, rpc, () => decoded(() => options.hooks.decodeRequest(call.request)), signal);
}

function unary(
  options: HandlerOptions,
  rpc: RequestRpc,
  work: (call: Call) => Promise<Answer>,
): grpc.handleUnaryCall<Uint8Array, McpResponse> {
  const { hooks, logger, calls } = options;
  const answerTo = async (call: IncomingCall): Promise<Answer> => {
    try {
      return await work(read(options, rpc, call, hooks.callSignal(call)));
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      logger.debug({ code: error.code, status: error.httpStatus }, 'request refused');
      return refusalAnswer(error);
    }
  };
  return (call, callback) => {
    void calls.track(async () => {
      try {
        callback(null, hooks.responseOf(await answerTo(call)));
      } catch (error) {
        callback(hooks.grpcStatus(statusOf(error, logger)));
      }
    });
  };
}

function stream(options: HandlerOptions): grpc.handleServerStreamingCall<Uint8Array, McpChunk> {
  const { hooks, limits, service, logger } = options;
  return async (call) => {
    const signal = hooks.callSignal(call);
    // grpc-js also reports a broken connection here, but the signal already covers that.
    call.on('error', () => undefined);
    const writer = new StreamWriter({ call, signal, limits, hooks });
    let method: HttpMethod = 'GET';
    try {
      const request = read(options, 'InvokeStream', call, signal);
      method = request.method;
      const answer = await service.openStream(request);
      if (answer.kind === 'answer') return writer.answer(answer.answer);
      writer.begin({ status: 200, headers: answer.headers });
      answer.run(writer);
    } catch (error) {
      if (error instanceof RequestRefused) {
        logger.debug({ code: error.code, status: error.httpStatus }, 'stream refused');
        if (method === 'POST') writer.answer(refusalAnswer(error));
        else writer.only({ status: error.httpStatus, headers: {} });
      } else {
        call.emit('error', hooks.grpcStatus(statusOf(error, logger)));
      }
    }
  };
}

/** Converts an error to a gRPC status. An unexpected error reveals no internal details (ERROR-3). */
function statusOf(error: unknown, logger: Logger): { code: number; details: string } {
  if (error instanceof CallRefused) return { code: error.grpcStatus, details: error.message };
  logUnexpected(logger, error);
  return { code: status.INTERNAL, details: 'Internal error' };
}
