import type { CallOptions, StreamOptions } from './call-options.ts';
import type { RuntimeClientOptions } from './client-options.ts';
import { GrpcRuntimeClient } from './grpc-runtime-client.ts';
import type { RuntimeHealth, RuntimeRequest, RuntimeResponse } from './messages.ts';
import type { RuntimeStream } from './runtime-stream.ts';

/**
 * The calling side of the contract. It connects with the first call, and again, with a capped back-off, whenever the
 * runtime was not there or went away (CLIENT-1): one client serves for the life of its process.
 *
 * Calls reject with `RuntimeCallError` (a gRPC status), `DeadlineError`, `AbortError` or `ClientClosedError`; an HTTP
 * status of 400 or more is an answer and comes as data. A call that failed is not made again: whether that is
 * safe, the caller knows.
 */
export interface RuntimeClient extends AsyncDisposable {
  /**
   * Whether there is a connection right now. False before the first call, and after the connection broke until a call
   * makes another one: what was learned of the runtime over the old one may hold no longer.
   */
  readonly connected: boolean;
  /** Sends a JSON-RPC message, as POST does. */
  invoke(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  /**
   * Opens a stream, as GET does; with the capability `stream-post` also as POST. Failures show when it is read.
   *
   * @throws ClientClosedError; RangeError naming the option that is wrong
   */
  invokeStream(request: RuntimeRequest, options?: StreamOptions): RuntimeStream;
  /** Ends a session, as DELETE does. */
  closeSession(request: RuntimeRequest, options?: CallOptions): Promise<RuntimeResponse>;
  /** Asks for the runtime's health and capabilities. */
  healthCheck(options?: CallOptions): Promise<RuntimeHealth>;
  /**
   * Waits until the runtime accepts a connection and says it is `ok` (LIFE-3), and returns that answer. The default
   * deadline is the client's.
   *
   * @throws DeadlineError of kind `ready` whose message says what the last attempt met
   */
  waitUntilReady(options?: CallOptions): Promise<RuntimeHealth>;
  /** Ends all calls with `ClientClosedError`, then the connection. */
  close(): void;
}

/**
 * Makes a client. Nothing is sent before the first call, and the socket need not exist.
 *
 * @throws TypeError or RangeError naming the option that is wrong
 */
export function createRuntimeClient(options: RuntimeClientOptions): RuntimeClient {
  return new GrpcRuntimeClient(options);
}
