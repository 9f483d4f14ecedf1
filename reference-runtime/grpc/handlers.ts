import { create, fromBinary } from '@bufbuild/protobuf';
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import {
  HealthRequestSchema,
  type HealthResponse,
  HealthResponseSchema,
  type McpChunk,
  type McpRequest,
  type McpResponse,
  type RequestRpc,
} from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';
import { RequestRefused } from '../failures/request-refused.ts';
import type { HealthState, RuntimeHooks } from '../hooks.ts';
import { type Answer, refusalAnswer } from '../http/answer.ts';
import { type Call, readCall } from '../http/call.ts';

import type { InFlight } from '../in-flight.ts';
import type { RuntimeLimits } from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { McpService } from '../service.ts';
import { StreamWriter } from './stream-writer.ts';

/** What the handlers of the four RPCs need. */
export interface HandlerOptions {
  readonly service: McpService;
  readonly hooks: RuntimeHooks;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
  readonly calls: InFlight;
  /** The state of the runtime; `stopping` refuses every call but HealthCheck. */
  health(): HealthState;
}

/** The implementation of the service, for grpc-js. */
export interface Handlers {
  readonly invoke: handleUnaryCall<Uint8Array, McpResponse>;
  readonly invokeStream: handleServerStreamingCall<Uint8Array, McpChunk>;
  readonly closeSession: handleUnaryCall<Uint8Array, McpResponse>;
  readonly healthCheck: handleUnaryCall<Uint8Array, HealthResponse>;
}

/** Makes the handlers of the four RPCs. Requests come as bytes, so that bad ones are refused here (RPC-4). */
export function createHandlers(options: HandlerOptions): Handlers {
  const { service } = options;
  return {
    invoke: unary(options, 'Invoke', (call) => service.invoke(call)),
    closeSession: unary(options, 'CloseSession', (call) => service.closeSession(call)),
    invokeStream: (call) => void stream(options, call),
    healthCheck: (call, callback) => {
      try {
        fromBinary(HealthRequestSchema, call.request);
      } catch {
        callback(options.hooks.grpcStatus(statusOf(invalidMessage(), options.logger)));
        return;
      }
      const { status, mode, version, capabilities } = options.hooks.health(options.health());
      callback(
        null,
        create(HealthResponseSchema, { status, mode, version, capabilities: [...capabilities] }),
      );
    },
  };
}

function invalidMessage(): CallRefused {
  return new CallRefused('INVALID_ARGUMENT', 'The request message is not valid protobuf');
}

function decode(hooks: RuntimeHooks, bytes: Uint8Array): McpRequest {
  try {
    return hooks.decodeRequest(bytes);
  } catch {
    throw invalidMessage();
  }
}

function read(options: HandlerOptions, rpc: RequestRpc, bytes: Uint8Array, signal: AbortSignal): Call {
  if (options.health().status !== 'ok') throw new CallRefused('UNAVAILABLE', 'The runtime is stopping');
  return readCall(rpc, decode(options.hooks, bytes), signal, options.hooks);
}

function unary(
  options: HandlerOptions,
  rpc: RequestRpc,
  work: (call: Call) => Promise<Answer>,
): handleUnaryCall<Uint8Array, McpResponse> {
  return (call: ServerUnaryCall<Uint8Array, McpResponse>, callback) => {
    void options.calls.track(async () => {
      try {
        const answer = await answerOf(options, () =>
          work(read(options, rpc, call.request, options.hooks.callSignal(call))),
        );
        callback(null, options.hooks.responseOf(answer));
      } catch (error) {
        callback(options.hooks.grpcStatus(statusOf(error, options.logger)));
      }
    });
  };
}

async function answerOf(options: HandlerOptions, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error;
    options.logger.debug({ code: error.code, status: error.httpStatus }, 'request refused');
    return refusalAnswer(error);
  }
}

async function stream(
  options: HandlerOptions,
  call: ServerWritableStream<Uint8Array, McpChunk>,
): Promise<void> {
  const { hooks, limits, service, logger } = options;
  const signal = hooks.callSignal(call);
  // grpc-js tells of a broken connection here too; the signal already says so.
  call.on('error', () => undefined);
  const writer = new StreamWriter({
    call,
    signal,
    chunkBytes: limits.chunkBytes,
    highWaterBytes: limits.streamHighWaterBytes,
    keepAliveMs: limits.keepAliveMs,
    hooks: hooks,
  });
  try {
    const answer = await service.openStream(read(options, 'InvokeStream', call.request, signal));
    if (answer.kind === 'accepted') {
      writer.only({ status: answer.status, headers: {} });
      return;
    }
    writer.begin({ status: 200, headers: answer.headers });
    answer.run(writer);
  } catch (error) {
    if (error instanceof RequestRefused) {
      logger.debug({ code: error.code, status: error.httpStatus }, 'stream refused');
      writer.only({ status: error.httpStatus, headers: {} });
    } else {
      call.emit('error', hooks.grpcStatus(statusOf(error, logger)));
    }
  }
}

/** The gRPC status for an error: what was not foreseen says nothing of the inside (ERROR-3). */
function statusOf(error: unknown, logger: Logger): { code: number; details: string } {
  if (error instanceof CallRefused) return { code: error.grpcStatus, details: error.message };
  logger.error({ error: error instanceof Error ? error.stack : typeof error }, 'a call failed unexpectedly');
  return { code: 13, details: 'Internal error' };
}
