import { create } from '@bufbuild/protobuf';
import { Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { serviceDefinition } from '../proto/grpc-service.ts';
import { HealthRequestSchema, McpRuntime, type RpcName } from '../proto/index.ts';
import { callDeadline } from './call-deadline.ts';
import { type ChannelLease, ChannelPool } from './channel-pool.ts';
import {
  checkedMilliseconds,
  type ResolvedClientOptions,
  type RuntimeClientOptions,
  resolveClientOptions,
} from './client-options.ts';
import { AbortError, ClientClosedError, DeadlineError, type RuntimeClientError } from './errors.ts';
import { ChunkReader, callFailure, onAbort } from './grpc-call.ts';
import { type RuntimeHealth, type RuntimeRequest, type RuntimeResponse, toMcpRequest } from './messages.ts';
import type { CallOptions, RuntimeClient, RuntimeStream, StreamOptions } from './runtime-client.ts';
import { StreamReader } from './stream-reader.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const methods = serviceDefinition(McpRuntime);

/**
 * Creates a client. It connects on the first call, so the socket need not exist yet.
 * @throws TypeError or RangeError that names an invalid option
 */
export function createRuntimeClient(options: RuntimeClientOptions): RuntimeClient {
  return new GrpcRuntimeClient(options);
}

/** The client implementation with @grpc/grpc-js. */
class GrpcRuntimeClient implements RuntimeClient {
  readonly #options: ResolvedClientOptions;
  readonly #channels: ChannelPool;
  readonly #inFlight = new Set<(error: RuntimeClientError) => void>();
  #isClosed = false;

  constructor(options: RuntimeClientOptions) {
    this.#options = resolveClientOptions(options);
    const { target, channelOptions } = this.#options;
    this.#channels = new ChannelPool(target, channelOptions);
  }

  get connected(): boolean {
    return this.#channels.connected;
  }

  async invoke(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    return this.#unary('Invoke', methods.invoke, toMcpRequest('Invoke', request), options);
  }

  invokeStream(request: RuntimeRequest, options: StreamOptions = {}): RuntimeStream {
    const message = toMcpRequest('InvokeStream', request);
    const idleMs = options.idleTimeoutMs ?? this.#options.streamIdleTimeoutMs;
    const idleTimeoutMs = checkedMilliseconds('idleTimeoutMs', idleMs, true);
    if (this.#isClosed) throw new ClientClosedError('InvokeStream');
    const { deadlineMs, signal } = options;
    const limitMs = deadlineMs === undefined ? Infinity : checkedMilliseconds('deadlineMs', deadlineMs);
    const { path, requestSerialize, responseDeserialize } = methods.invokeStream;
    const lease = this.#channels.lease();
    const call = lease.client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      new Metadata({ waitForReady: this.#options.waitForRuntime }),
      { deadline: callDeadline(limitMs) },
    );
    const releases: (() => void)[] = [];
    const limits = { idleTimeoutMs, endMs: performance.now() + limitMs };
    const reader = new ChunkReader(call, limits, (cancelled) => {
      lease.release(cancelled);
      for (const release of releases) release();
    });
    const stop = (error: RuntimeClientError) => reader.stop(error);
    this.#inFlight.add(stop);
    releases.push(() => this.#inFlight.delete(stop), this.#limitConnecting(lease, stop));
    releases.push(onAbort(signal, (reason) => stop(new AbortError('InvokeStream', reason))));
    if (signal?.aborted) stop(new AbortError('InvokeStream', signal.reason));
    return new StreamReader(reader, options);
  }

  async closeSession(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    return this.#unary('CloseSession', methods.closeSession, toMcpRequest('CloseSession', request), options);
  }

  healthCheck(options: CallOptions = {}): Promise<RuntimeHealth> {
    return this.#healthCheck(options, this.#options.waitForRuntime);
  }

  waitUntilReady(options: CallOptions = {}): Promise<RuntimeHealth> {
    const { deadlineMs = this.#options.deadlineMs, signal } = options;
    const limits = { deadlineMs: checkedMilliseconds('deadlineMs', deadlineMs), signal };
    const check = (attempt: CallOptions) => this.#healthCheck(attempt, false);
    return waitUntilReady({ ...this.#options, check }, limits);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const abort of [...this.#inFlight]) abort(new ClientClosedError('the call'));
    this.#channels.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #healthCheck(options: CallOptions, waitForReady: boolean): Promise<RuntimeHealth> {
    const message = create(HealthRequestSchema);
    return this.#unary('HealthCheck', methods.healthCheck, message, options, waitForReady);
  }

  async #unary<Input, Output>(
    name: RpcName,
    { path, requestSerialize, responseDeserialize }: MethodDefinition<Input, Output>,
    message: Input,
    { deadlineMs: limitMs = this.#options.deadlineMs, signal }: CallOptions,
    waitForReady: boolean = this.#options.waitForRuntime,
  ): Promise<Output> {
    const deadlineMs = checkedMilliseconds('deadlineMs', limitMs);
    if (this.#isClosed) throw new ClientClosedError(name);
    if (signal?.aborted) throw new AbortError(name, signal.reason);
    const lease = this.#channels.lease();
    const endMs = performance.now() + deadlineMs;
    return new Promise<Output>((resolve, reject) => {
      const call = lease.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        new Metadata({ waitForReady }),
        { deadline: callDeadline(deadlineMs) },
        (error, value) => {
          if (value !== undefined) {
            release(false);
            resolve(value);
            return;
          }
          const failure = callFailure(name, error, endMs);
          release(failure instanceof DeadlineError);
          reject(this.#toConnectFailure(lease, failure, deadlineMs));
        },
      );
      const abort = (error: RuntimeClientError) => {
        release(true);
        call.cancel();
        reject(error);
      };
      const stopListening = onAbort(signal, (reason) => abort(new AbortError(name, reason)));
      const release = (cancelled: boolean) => {
        // The callback also reports a call that was aborted.
        if (!this.#inFlight.delete(abort)) return;
        stopListening();
        lease.release(cancelled);
      };
      this.#inFlight.add(abort);
    });
  }

  /** Converts a deadline failure to a connection failure if the call had no connection. */
  #toConnectFailure(
    { connected }: ChannelLease,
    failure: RuntimeClientError,
    deadlineMs: number,
  ): RuntimeClientError {
    return failure instanceof DeadlineError && !connected ? this.#connectFailure(deadlineMs) : failure;
  }

  #connectFailure(limitMs: number): DeadlineError {
    return new DeadlineError('connect', `no connection to ${this.#options.place} within ${limitMs} ms`);
  }

  /** Limits the time until a stream has a connection. The time after that is unlimited. */
  #limitConnecting(lease: ChannelLease, stop: (error: RuntimeClientError) => void): () => void {
    const limitMs = this.#options.deadlineMs;
    const timer = setTimeout(() => {
      if (!lease.connected) stop(this.#connectFailure(limitMs));
    }, limitMs).unref();
    return () => clearTimeout(timer);
  }
}
