import { type GrpcStatusName, grpcStatusName } from '../base/grpc-status.ts';

export type { GrpcStatusName };

/** The `code` of every error class of this client, for a `switch`. */
export type RuntimeClientErrorCode =
  | 'RPC_FAILED'
  | 'DEADLINE'
  | 'ABORT_ERR'
  | 'CLIENT_CLOSED'
  | 'STREAM_REFUSED'
  | 'STREAM_TRUNCATED'
  | 'CONTRACT_VIOLATION'
  | 'HTTP_STATUS'
  | 'JSONRPC_ERROR';

/** The base class of all errors of calls. Invalid arguments cause `TypeError` and `RangeError`. */
export abstract class RuntimeClientError extends Error {
  abstract readonly code: RuntimeClientErrorCode;
  /** Whether a retry may succeed. The code that made the call decides whether a retry is safe. */
  readonly retryable: boolean = false;
}

/** The call failed on the gRPC layer, with a status other than OK (ERROR-1). */
export class RuntimeCallError extends RuntimeClientError {
  override readonly name = 'RuntimeCallError';
  readonly code = 'RPC_FAILED';
  /** The gRPC status, 1 to 16. */
  readonly grpcStatus: number;
  readonly grpcStatusName: GrpcStatusName;
  /** The message that accompanies the status, for logs. It is never part of a gateway response (CLIENT-12). */
  readonly details: string;
  /** True for UNAVAILABLE: the runtime was unreachable, or the connection was lost. */
  override readonly retryable: boolean;

  constructor(call: string, grpcStatus: number, details: string) {
    const name = grpcStatusName(grpcStatus) ?? 'UNKNOWN';
    super(`${call} ended with ${name}${details === '' ? '' : `: ${details}`}`);
    this.grpcStatus = grpcStatus;
    this.grpcStatusName = name;
    this.details = details;
    this.retryable = name === 'UNAVAILABLE';
  }
}

/**
 * The limit that passed: the deadline of a call (`call`), the time limit for connecting (`connect`), the idle timeout
 * of a stream (`idle`) or the time limit of `waitUntilReady` (`ready`).
 */
export type DeadlineKind = 'call' | 'connect' | 'idle' | 'ready';

/** A time limit passed (CLIENT-2), and the client cancelled the call. */
export class DeadlineError extends RuntimeClientError {
  override readonly name = 'DeadlineError';
  readonly code = 'DEADLINE';
  readonly kind: DeadlineKind;
  override readonly retryable: boolean;

  constructor(kind: DeadlineKind, message: string) {
    super(message);
    this.kind = kind;
    this.retryable = kind !== 'call';
  }
}

/** The call's signal was aborted. `cause` is the signal's reason. `name` and `code` match Node's AbortError. */
export class AbortError extends RuntimeClientError {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';

  constructor(call: string, reason: unknown) {
    super(`${call} was aborted by its caller`, { cause: reason });
  }
}

/** The client was closed before or during the call. */
export class ClientClosedError extends RuntimeClientError {
  override readonly name = 'ClientClosedError';
  readonly code = 'CLIENT_CLOSED';

  constructor(call: string) {
    super(`${call} ended: the client is closed`);
  }
}

/** The runtime refused a stream on the HTTP layer, with a status of 400 or more (STREAM-2, POST-6). */
export class RefusedStreamError extends RuntimeClientError {
  override readonly name = 'RefusedStreamError';
  readonly code = 'STREAM_REFUSED';
  /** The HTTP status, 400 to 599. */
  readonly status: number;
  /** The header fields of the response. Empty if the runtime sent no head. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of the response, such as a JSON-RPC error. Empty if the runtime sent none. */
  readonly body: Uint8Array;

  constructor(
    status: number,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array = new Uint8Array(),
  ) {
    super(`the stream was refused with status ${status}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** A stream ended with gRPC OK but without a `done` chunk, so it is incomplete (CLIENT-8). */
export class TruncatedStreamError extends RuntimeClientError {
  override readonly name = 'TruncatedStreamError';
  readonly code = 'STREAM_TRUNCATED';
  override readonly retryable = true;
  /** The number of received data bytes. */
  readonly receivedBytes: number;

  constructor(receivedBytes: number) {
    super(`the stream ended after ${receivedBytes} bytes of data, without a done chunk`);
    this.receivedBytes = receivedBytes;
  }
}

/** The runtime violated the contract in a way that makes the response unusable. */
export class ContractViolationError extends RuntimeClientError {
  override readonly name = 'ContractViolationError';
  readonly code = 'CONTRACT_VIOLATION';
}

/** A request of a session was answered with an HTTP status of 400 or more. */
export class HttpStatusError extends RuntimeClientError {
  override readonly name = 'HttpStatusError';
  readonly code = 'HTTP_STATUS';
  readonly status: number;
  /** The JSON-RPC error in the response, if any. */
  readonly jsonRpcError: JsonRpcErrorObject | undefined;

  constructor(call: string, status: number, jsonRpcError?: JsonRpcErrorObject) {
    super(`${call} was answered with status ${status}${jsonRpcError ? `: ${jsonRpcError.message}` : ''}`);
    this.status = status;
    this.jsonRpcError = jsonRpcError;
  }
}

/** The error member of a JSON-RPC error response. */
export interface JsonRpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A request of a session was answered with a JSON-RPC error and a status below 400. */
export class JsonRpcResponseError extends RuntimeClientError {
  override readonly name = 'JsonRpcResponseError';
  readonly code = 'JSONRPC_ERROR';
  readonly error: JsonRpcErrorObject;

  constructor(call: string, error: JsonRpcErrorObject) {
    super(`${call} was answered with the JSON-RPC error ${error.code}: ${error.message}`);
    this.error = error;
  }
}
