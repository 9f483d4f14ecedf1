import type { OutgoingHttpHeaders } from 'node:http2';
import { errorMessage } from '../../../base/error-message.ts';
import { type RpcName, rpcPath } from '../../../proto/index.ts';
import { type CallFailure, type CallListener, GrpcCall, unavailable } from './grpc-call.ts';
import type { PooledSession, SessionPool } from './session-pool.ts';

/** A request as it is sent. */
export interface WireRequest {
  readonly rpc: RpcName;
  /** The message in gRPC's length-prefixed form. */
  readonly message: Uint8Array;
  /** The deadline on the clock of `performance.now()`, or Infinity. */
  readonly endMs: number;
}

/** The largest number in `grpc-timeout`. */
const maxTimeout = 99_999_999;

/** A call on one of the connections of a pool. A call that the runtime refused unprocessed is sent once more. */
export class PooledCall {
  readonly #pool: SessionPool;
  readonly #maxBytes: number;
  readonly #request: WireRequest;
  readonly #listener: CallListener;
  #session: PooledSession;
  #call: GrpcCall | undefined;
  #isRepeated = false;
  #isCancelled = false;

  /** @param maxBytes the maximum size of a received message */
  constructor(pool: SessionPool, maxBytes: number, request: WireRequest, listener: CallListener) {
    this.#pool = pool;
    this.#maxBytes = maxBytes;
    this.#request = request;
    this.#listener = listener;
    this.#session = pool.lease();
    this.#start();
  }

  /** Whether the connection of the call is open. */
  get connected(): boolean {
    return this.#session.connected;
  }

  pause(): void {
    this.#call?.pause();
  }

  resume(): void {
    this.#call?.resume();
  }

  /** Cancels the call. The listener is not called any more. */
  cancel(): void {
    this.#isCancelled = true;
    this.#call?.cancel();
    this.#pool.release(this.#session, true);
  }

  #start(): void {
    try {
      const stream = this.#session.request(headersOf(this.#request));
      this.#call = new GrpcCall(stream, this.#maxBytes, {
        message: (bytes) => this.#listener.message(bytes),
        end: (failure) => this.#onEnd(failure),
      });
      this.#call.send(this.#request.message);
    } catch (error) {
      // The connection has ended, but its event has not been emitted yet.
      const failure = { status: unavailable, details: errorMessage(error), isUnprocessed: false };
      queueMicrotask(() => this.#onEnd(failure));
    }
  }

  #onEnd(failure: CallFailure | undefined): void {
    if (this.#isCancelled) return;
    this.#pool.release(this.#session, false);
    if (failure?.isUnprocessed !== true || this.#isRepeated) {
      this.#listener.end(failure);
      return;
    }
    this.#isRepeated = true;
    this.#session = this.#pool.lease();
    this.#start();
  }
}

function headersOf({ rpc, endMs }: WireRequest): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': rpcPath(rpc),
    ':authority': 'localhost',
    te: 'trailers',
    'content-type': 'application/grpc',
    'user-agent': 'mcp-runtime-conformance',
  };
  if (endMs !== Number.POSITIVE_INFINITY) headers['grpc-timeout'] = timeoutOf(endMs - performance.now());
  return headers;
}

/** Returns the value of `grpc-timeout`, which has at most eight digits. */
function timeoutOf(milliseconds: number): string {
  const rest = Math.max(1, Math.ceil(milliseconds));
  return rest <= maxTimeout ? `${rest}m` : `${Math.min(maxTimeout, Math.ceil(rest / 1000))}S`;
}
