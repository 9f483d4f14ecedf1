import { create, type MessageShape } from '@bufbuild/protobuf';
import { Client, connectivityState, credentials, Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { serviceDefinition } from '../proto/grpc-service.ts';
import { HealthRequestSchema, type McpRequest, type McpResponse, McpRuntime } from '../proto/index.ts';
import { callFailure, onAbort } from './call-failure.ts';
import type { CallOptions, StreamOptions } from './call-options.ts';
import { ChunkReader } from './chunk-reader.ts';
import {
  checkedMilliseconds,
  type ResolvedClientOptions,
  type RuntimeClientOptions,
  resolveClientOptions,
} from './client-options.ts';
import { AbortError, ClientClosedError, DeadlineError, type RuntimeClientError } from './errors.ts';
import { type RuntimeHealth, type RuntimeRequest, type RuntimeResponse, toMcpRequest } from './messages.ts';
import type { RuntimeClient } from './runtime-client.ts';
import type { RuntimeStream } from './runtime-stream.ts';
import { StreamReader } from './stream-reader.ts';
import { waitUntilReady } from './wait-until-ready.ts';

const methods = serviceDefinition(McpRuntime);

/** One unary call: its name for messages, its definition and its message. */
interface UnaryCall<Input, Output> {
  readonly name: string;
  readonly method: MethodDefinition<Input, Output>;
  readonly message: Input;
}

/** The client over @grpc/grpc-js. */
export class GrpcRuntimeClient implements RuntimeClient {
  readonly #options: ResolvedClientOptions;
  readonly #client: Client;
  readonly #inFlight = new Set<(error: RuntimeClientError) => void>();
  #isClosed = false;

  constructor(options: RuntimeClientOptions) {
    this.#options = resolveClientOptions(options);
    const { target, channelOptions } = this.#options;
    this.#client = new Client(target, credentials.createInsecure(), channelOptions);
  }

  get connected(): boolean {
    return (
      !this.#isClosed && this.#client.getChannel().getConnectivityState(false) === connectivityState.READY
    );
  }

  async invoke(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    const message = toMcpRequest('Invoke', request);
    return this.#unary<McpRequest, McpResponse>({ name: 'Invoke', method: methods.invoke, message }, options);
  }

  invokeStream(request: RuntimeRequest, options: StreamOptions = {}): RuntimeStream {
    const message = toMcpRequest('InvokeStream', request);
    const idleTimeoutMs = checkedMilliseconds(
      'idleTimeoutMs',
      options.idleTimeoutMs ?? this.#options.streamIdleTimeoutMs,
      true,
    );
    if (this.#isClosed) throw new ClientClosedError('InvokeStream');
    const { path, requestSerialize, responseDeserialize } = methods.invokeStream;
    const metadata = this.#metadata(this.#options.waitForRuntime);
    const deadline =
      options.deadlineMs === undefined
        ? Infinity
        : Date.now() + checkedMilliseconds('deadlineMs', options.deadlineMs);
    const call = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      metadata,
      { deadline },
    );
    const releases: (() => void)[] = [];
    const reader = new ChunkReader(call, idleTimeoutMs, () => {
      for (const release of releases) release();
    });
    const stop = (error: RuntimeClientError) => reader.stop(error);
    this.#inFlight.add(stop);
    releases.push(() => this.#inFlight.delete(stop), this.#limitConnecting(stop));
    releases.push(onAbort(options.signal, (reason) => stop(new AbortError('InvokeStream', reason))));
    if (options.signal?.aborted) stop(new AbortError('InvokeStream', options.signal.reason));
    return new StreamReader(reader, options);
  }

  async closeSession(request: RuntimeRequest, options: CallOptions = {}): Promise<RuntimeResponse> {
    const message = toMcpRequest('CloseSession', request);
    return this.#unary<McpRequest, McpResponse>(
      { name: 'CloseSession', method: methods.closeSession, message },
      options,
    );
  }

  healthCheck(options: CallOptions = {}): Promise<RuntimeHealth> {
    return this.#healthCheck(options, this.#options.waitForRuntime);
  }

  waitUntilReady(options: CallOptions = {}): Promise<RuntimeHealth> {
    const deadlineMs = checkedMilliseconds('deadlineMs', options.deadlineMs ?? this.#options.deadlineMs);
    const { place, initialBackoffMs, maxBackoffMs } = this.#options;
    const check = (limits: CallOptions) => this.#healthCheck(limits, false);
    return waitUntilReady(
      { check, place, initialBackoffMs, maxBackoffMs },
      { deadlineMs, signal: options.signal },
    );
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const giveUp of [...this.#inFlight]) giveUp(new ClientClosedError('the call'));
    this.#client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #healthCheck(options: CallOptions, waitForRuntime: boolean): Promise<RuntimeHealth> {
    const message: MessageShape<typeof HealthRequestSchema> = create(HealthRequestSchema);
    const call = { name: 'HealthCheck', method: methods.healthCheck, message };
    return this.#unary(call, options, waitForRuntime);
  }

  async #unary<Input, Output>(
    { name, method, message }: UnaryCall<Input, Output>,
    options: CallOptions,
    waitForRuntime: boolean = this.#options.waitForRuntime,
  ): Promise<Output> {
    const deadlineMs = checkedMilliseconds('deadlineMs', options.deadlineMs ?? this.#options.deadlineMs);
    if (this.#isClosed) throw new ClientClosedError(name);
    if (options.signal?.aborted) throw new AbortError(name, options.signal.reason);
    return new Promise<Output>((resolve, reject) => {
      const call = this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        message,
        this.#metadata(waitForRuntime),
        { deadline: Date.now() + deadlineMs },
        (error, value) => {
          release();
          if (value !== undefined) resolve(value);
          else reject(this.#explained(name, deadlineMs, error ?? { code: 13, details: '' }));
        },
      );
      const giveUp = (error: RuntimeClientError) => {
        release();
        call.cancel();
        reject(error);
      };
      const stopListening = onAbort(options.signal, (reason) => giveUp(new AbortError(name, reason)));
      const release = () => {
        stopListening();
        this.#inFlight.delete(giveUp);
      };
      this.#inFlight.add(giveUp);
    });
  }

  #explained(
    name: string,
    deadlineMs: number,
    failed: { readonly code: number; readonly details: string },
  ): RuntimeClientError {
    const failure = callFailure(name, failed);
    return failure instanceof DeadlineError && !this.connected ? this.#connectFailure(deadlineMs) : failure;
  }

  #connectFailure(limitMs: number): DeadlineError {
    return new DeadlineError('connect', `no connection to ${this.#options.place} within ${limitMs} ms`);
  }

  /** A stream may last for ever, but not without ever having a connection. */
  #limitConnecting(stop: (error: RuntimeClientError) => void): () => void {
    const limitMs = this.#options.deadlineMs;
    const timer = setTimeout(() => {
      if (!this.connected) stop(this.#connectFailure(limitMs));
    }, limitMs);
    timer.unref();
    return () => clearTimeout(timer);
  }

  #metadata(waitForReady: boolean): Metadata {
    return new Metadata({ waitForReady });
  }
}
