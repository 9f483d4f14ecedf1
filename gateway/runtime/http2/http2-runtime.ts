import { create, type DescMessage, fromBinary, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../../base/error-message.ts';
import { grpcStatusCode } from '../../../base/grpc-status.ts';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { isEndAtDeadline } from '../../../client/call-deadline.ts';
import { checkedMilliseconds } from '../../../client/client-options.ts';
import {
  AbortError,
  ClientClosedError,
  DeadlineError,
  RuntimeCallError,
  type RuntimeClientError,
} from '../../../client/errors.ts';
import {
  type RuntimeHealth,
  type RuntimeRequest,
  type RuntimeResponse,
  toMcpRequest,
} from '../../../client/messages.ts';
import type { CallOptions, StreamOptions } from '../../../client/runtime-client.ts';
import { StreamReader } from '../../../client/stream-reader.ts';
import {
  HealthRequestSchema,
  HealthResponseSchema,
  McpChunkSchema,
  McpRequestSchema,
  McpResponseSchema,
  type RequestRpc,
  type RpcName,
} from '../../../proto/index.ts';
import type { GatewayLimits } from '../../options.ts';
import type { OpenedStream, RuntimeConnection } from '../runtime-connection.ts';
import { ChunkQueue } from './chunk-queue.ts';
import type { CallFailure } from './grpc-call.ts';
import { PooledCall, type WireRequest } from './pooled-call.ts';
import { SessionPool } from './session-pool.ts';

/**
 * A gRPC connection to a runtime directly on `node:http2`. The calls of a gateway are its hot path, and grpc-js takes
 * two to three times the processor time for each: `npm run prove -- fast-paths gateway` measures it. Unlike the
 * published client, this client supports only Unix domain sockets, and never waits for an unreachable runtime.
 */
export class Http2Runtime implements RuntimeConnection {
  readonly #limits: GatewayLimits;
  readonly #pool: SessionPool;
  readonly #inFlight = new Set<(error: RuntimeClientError) => void>();
  #isClosed = false;

  /** @param socketPath the path of a Unix domain socket, which need not exist yet */
  constructor(socketPath: string, limits: GatewayLimits) {
    this.#limits = limits;
    this.#pool = new SessionPool(socketPath);
  }

  get connected(): boolean {
    return !this.#isClosed && this.#pool.connected;
  }

  invoke(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    return this.#unary('Invoke', encoded('Invoke', request), McpResponseSchema, options);
  }

  closeSession(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    return this.#unary('CloseSession', encoded('CloseSession', request), McpResponseSchema, options);
  }

  healthCheck(options: CallOptions = {}): Promise<RuntimeHealth> {
    return this.#unary('HealthCheck', healthRequest, HealthResponseSchema, options);
  }

  invokeStream(request: RuntimeRequest, options: StreamOptions = {}): OpenedStream {
    const { signal, deadlineMs, idleTimeoutMs = this.#limits.streamIdleMs } = options;
    const limitMs =
      deadlineMs === undefined ? Number.POSITIVE_INFINITY : checkedMilliseconds('deadlineMs', deadlineMs);
    if (this.#isClosed) throw new ClientClosedError('InvokeStream');
    const stop = (error: RuntimeClientError) => queue.stop(error);
    const onAbort = () => stop(new AbortError('InvokeStream', signal?.reason));
    const queue = new ChunkQueue(idleTimeoutMs, () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      this.#inFlight.delete(stop);
    });
    const wire = {
      rpc: 'InvokeStream',
      message: encoded('InvokeStream', request),
      endMs: performance.now() + limitMs,
    } as const;
    const timer = timerFor(limitMs, () => stop(lateError('InvokeStream', call.connected)));
    const call = new PooledCall(this.#pool, this.#limits.maxAnswerBytes, wire, {
      message: (bytes) => {
        try {
          queue.push(fromBinary(McpChunkSchema, bytes));
        } catch (error) {
          stop(undecodable('InvokeStream', error));
        }
      },
      end: (failure) => queue.end(failure && errorOf(wire, failure)),
    });
    queue.attach(call);
    this.#inFlight.add(stop);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    return new StreamReader(queue, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stop of [...this.#inFlight]) stop(new ClientClosedError('the call'));
    this.#pool.close();
  }

  async #unary<Schema extends DescMessage>(
    rpc: RpcName,
    message: Uint8Array,
    schema: Schema,
    { signal, deadlineMs: limitMs = this.#limits.callMs }: CallOptions,
  ): Promise<MessageShape<Schema>> {
    const deadlineMs = checkedMilliseconds('deadlineMs', limitMs);
    if (this.#isClosed) throw new ClientClosedError(rpc);
    if (signal?.aborted) throw new AbortError(rpc, signal.reason);
    return new Promise((resolve, reject) => {
      let answer: Buffer | undefined;
      const wire = { rpc, message, endMs: performance.now() + deadlineMs };
      const call = new PooledCall(this.#pool, this.#limits.maxAnswerBytes, wire, {
        message: (bytes) => {
          if (answer === undefined) answer = bytes;
          else stop(new RuntimeCallError(rpc, unimplemented, 'Too many responses received'));
        },
        end: (failure) => {
          settle();
          if (failure !== undefined) return reject(errorOf(wire, failure));
          if (answer === undefined) {
            return reject(new RuntimeCallError(rpc, unimplemented, 'No message received'));
          }
          try {
            resolve(fromBinary(schema, answer));
          } catch (error) {
            reject(undecodable(rpc, error));
          }
        },
      });
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#inFlight.delete(stop);
      };
      const stop = (error: RuntimeClientError) => {
        settle();
        call.cancel();
        reject(error);
      };
      const onAbort = () => stop(new AbortError(rpc, signal?.reason));
      const timer = timerFor(deadlineMs, () => stop(lateError(rpc, call.connected)));
      this.#inFlight.add(stop);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

const unimplemented = grpcStatusCode('UNIMPLEMENTED') ?? 12;
const internal = grpcStatusCode('INTERNAL') ?? 13;

const healthRequest = encodeLengthPrefixed(toBinary(HealthRequestSchema, create(HealthRequestSchema)));

/** Starts a timer. Timers of more than 24 days overflow in Node, and such a limit never matters, so it is ignored. */
function timerFor(milliseconds: number, late: () => void): NodeJS.Timeout | undefined {
  return milliseconds > 2_147_483_647 ? undefined : setTimeout(late, milliseconds);
}

function encoded(rpc: RequestRpc, request: RuntimeRequest): Uint8Array {
  return encodeLengthPrefixed(toBinary(McpRequestSchema, toMcpRequest(rpc, request)));
}

function errorOf({ rpc, endMs }: WireRequest, { status, details }: CallFailure): RuntimeClientError {
  return isEndAtDeadline(status, endMs) ? lateError(rpc, true) : new RuntimeCallError(rpc, status, details);
}

function lateError(rpc: RpcName, isConnected: boolean): DeadlineError {
  return isConnected
    ? new DeadlineError('call', `the deadline of ${rpc} passed before its answer was complete`)
    : new DeadlineError('connect', `there was no connection before the deadline of ${rpc}`);
}

function undecodable(rpc: RpcName, error: unknown): RuntimeCallError {
  return new RuntimeCallError(rpc, internal, `Error parsing the response: ${errorMessage(error)}`);
}
